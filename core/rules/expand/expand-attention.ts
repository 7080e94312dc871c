import { floatOf, int, intOf, ints } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { canonicalAttention } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, shapeOf } from '../../shapes/shape-facts.ts'

interface Sizes {
  readonly heads: number
  readonly kvHeads: number
  readonly size: number
  readonly valueSize: number
}

export const expandAttention = rule({
  id: 'expand-attention',
  summary: 'The definition of attention in standard operators.',
  fidelity: 'rounding',
  pattern: canonicalAttention,
  rewrite({ query, key, value, mask, pastKey, pastValue, attention }, draft) {
    const [heads, kvHeads] = [intOf(attention, 'heads', 1), intOf(attention, 'kv_heads', 1)]
    const [hidden, keys, values] = [shapeOf(query)?.[2], shapeOf(key)?.[2], shapeOf(value)?.[2]]
    if (typeof hidden !== 'number' || typeof values !== 'number' || typeof keys !== 'number')
      return reject('the hidden size is not known', query)
    if (heads === 1 && pastKey === null && attention.outputs.length === 1) {
      const whole = ofOneHead({ query, key, value, mask, attention }, draft)
      if (whole !== null) return whole
    }
    const sizes = { heads, kvHeads, size: hidden / heads, valueSize: values / kvHeads }
    const [k, v] = [held(key, sizes.size, pastKey, { sizes, draft }), held(value, sizes.valueSize, pastValue, { sizes, draft })]
    const q = queries(query, sizes, draft)
    const [turned, weighed] = forProducts(k, v, sizes, draft)
    const type = dtypeOf(query) ?? 'float32'
    const scores = bounded(
      draft.op('Mul', [draft.op('MatMul', [q, turned]), draft.scalar(floatOf(attention, 'scale', 1), type)]),
      attention,
      draft,
    )
    const grouped = mask === null || heads === kvHeads ? mask : groupedMask(mask, sizes, draft)
    if (mask !== null && grouped === null) return reject('the shape of the mask is not known', mask)
    const masked = grouped === null ? scores : draft.op('Add', [scores, grouped])
    const weights = guarded(draft.op('Softmax', [masked], { axis: int(-1) }), attention, draft)
    const perm = heads === kvHeads ? [0, 2, 1, 3] : [0, 3, 1, 2, 4]
    const context = draft.op('Transpose', [draft.op('MatMul', [weights, weighed])], { perm: ints(perm) })
    const y = draft.op('Reshape', [context, draft.ints([0, 0, heads * sizes.valueSize])])
    return [y, k, v].slice(0, attention.outputs.length)
  },
})

interface OneHead {
  readonly query: Value
  readonly key: Value
  readonly value: Value
  readonly mask: Value | null
  readonly attention: Node
}

/** Attention of one head needs no views; `null` where it is not known that the mask has no more heads. */
function ofOneHead({ query, key, value, mask, attention }: OneHead, draft: Draft): Value | null {
  const flat = mask === null ? null : withoutHeads(mask, draft)
  if (mask !== null && flat === null) return null
  const type = dtypeOf(query) ?? 'float32'
  const turned = draft.op('Transpose', [key], { perm: ints([0, 2, 1]) })
  const scores = draft.op('Mul', [draft.op('MatMul', [query, turned]), draft.scalar(floatOf(attention, 'scale', 1), type)])
  const capped = bounded(scores, attention, draft)
  const masked = flat === null ? capped : draft.op('Add', [capped, flat])
  return draft.op('MatMul', [guarded(draft.op('Softmax', [masked], { axis: int(-1) }), attention, draft), value])
}

/** A mask [batch, 1, queries, keys] without its second axis. */
function withoutHeads(mask: Value, draft: Draft): Value | null {
  const shape = shapeOf(mask)
  if (shape === null || (shape.length === 4 && shape[1] !== 1)) return null
  if (shape.length < 4) return mask
  return draft.opset() < 13 ? draft.op('Squeeze', [mask], { axes: ints([1]) }) : draft.op('Squeeze', [mask, draft.ints([1])])
}

/** Keys or values [batch, kv heads, length, size], behind those of the past. */
function held(source: Value, size: number, past: Value | null, { sizes, draft }: { sizes: Sizes; draft: Draft }): Value {
  const split = draft.op('Reshape', [source, draft.ints([0, 0, sizes.kvHeads, size])])
  const heads = draft.op('Transpose', [split], { perm: ints([0, 2, 1, 3]) })
  return past === null ? heads : draft.op('Concat', [past, heads], { axis: int(2) })
}

/** Queries [batch, heads, length, size], or with the heads that share a key head on an axis of their own. */
function queries(source: Value, { heads, kvHeads, size }: Sizes, draft: Draft): Value {
  const [dims, perm] =
    heads === kvHeads
      ? [
          [0, 0, heads, size],
          [0, 2, 1, 3],
        ]
      : [
          [0, 0, kvHeads, heads / kvHeads, size],
          [0, 2, 3, 1, 4],
        ]
  return draft.op('Transpose', [draft.op('Reshape', [source, draft.ints(dims)])], { perm: ints(perm) })
}

/** Keys turned and values as they go into the products: with an axis over which they broadcast, where query heads share them. */
function forProducts(k: Value, v: Value, { heads, kvHeads, size, valueSize }: Sizes, draft: Draft): readonly [Value, Value] {
  const turned = draft.op('Transpose', [k], { perm: ints([0, 1, 3, 2]) })
  if (heads === kvHeads) return [turned, v]
  return [draft.op('Reshape', [turned, draft.ints([0, 0, 1, size, -1])]), draft.op('Reshape', [v, draft.ints([0, 0, 1, -1, valueSize])])]
}

/** Scores bounded by tanh, where the attention says so. */
function bounded(scores: Value, attention: Node, draft: Draft): Value {
  const cap = floatOf(attention, 'softcap', 0)
  if (cap === 0) return scores
  const bound = draft.scalar(cap, dtypeOf(attention.inputs[0] as Value) ?? 'float32')
  return draft.op('Mul', [draft.op('Tanh', [draft.op('Div', [scores, bound])]), bound])
}

/** Zeros for queries without an open key, where the attention says so. */
function guarded(weights: Value, attention: Node, draft: Draft): Value {
  if (intOf(attention, 'safe', 0) === 0) return weights
  return draft.op('Where', [draft.op('IsNaN', [weights]), draft.scalar(0, dtypeOf(attention.inputs[0] as Value) ?? 'float32'), weights])
}

/** A mask that broadcasts to [batch, heads, length, keys], for scores whose heads have two axes. */
function groupedMask(mask: Value, { heads, kvHeads }: Sizes, draft: Draft): Value | null {
  const shape = shapeOf(mask)
  if (shape === null) return null
  if (shape.length < 3) return mask
  const at = shape.length - 3
  if (shape[at] === 1) return draft.op('Unsqueeze', [mask, draft.ints([at])])
  const dims = [...shape.map(() => 0).slice(0, at), kvHeads, heads / kvHeads]
  return shape[at] === heads && typeof shape.at(-1) === 'number'
    ? draft.op('Reshape', [mask, draft.ints([...dims, -1, shape.at(-1) as number])])
    : null
}
