import { floatOf, int, intOf, ints } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
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
  pattern: op('lathe.Attention', [any('query'), any('key'), any('value'), maybe(any('mask'))], 'attention'),
  rewrite({ query, key, value, mask, attention }, draft) {
    const [heads, kvHeads] = [intOf(attention, 'heads', 1), intOf(attention, 'kv_heads', 1)]
    const [hidden, values] = [shapeOf(query)?.[2], shapeOf(value)?.[2]]
    if (typeof hidden !== 'number' || typeof values !== 'number') return reject('the hidden size is not known', query)
    const sizes = { heads, kvHeads, size: hidden / heads, valueSize: values / kvHeads }
    const [q, k, v] = heads === kvHeads ? plainHeads([query, key, value], sizes, draft) : groupedHeads([query, key, value], sizes, draft)
    const scale = draft.scalar(floatOf(attention, 'scale', 1), dtypeOf(query) ?? 'float32')
    const scores = draft.op('Mul', [draft.op('MatMul', [q, k]), scale])
    const grouped = mask === null || heads === kvHeads ? mask : groupedMask(mask, sizes, draft)
    if (mask !== null && grouped === null) return reject('the shape of the mask is not known', mask)
    const weights = draft.op('Softmax', [grouped === null ? scores : draft.op('Add', [scores, grouped])], { axis: int(-1) })
    const context = draft.op('MatMul', [weights, v])
    const perm = heads === kvHeads ? [0, 2, 1, 3] : [0, 3, 1, 2, 4]
    return draft.op('Reshape', [draft.op('Transpose', [context], { perm: ints(perm) }), draft.ints([0, 0, heads * sizes.valueSize])])
  },
})

type Three = readonly [Value, Value, Value]

/** Queries and values [batch, heads, length, size], keys [batch, heads, size, length]. */
function plainHeads([query, key, value]: Three, { heads, size, valueSize }: Sizes, draft: Draft): Three {
  const split = (source: Value, width: number, perm: readonly number[]) =>
    draft.op('Transpose', [draft.op('Reshape', [source, draft.ints([0, 0, heads, width])])], { perm: ints(perm) })
  return [split(query, size, [0, 2, 1, 3]), split(key, size, [0, 2, 3, 1]), split(value, valueSize, [0, 2, 1, 3])]
}

/** The same with the query heads that share a key head on an axis of their own, over which keys and values broadcast. */
function groupedHeads([query, key, value]: Three, { heads, kvHeads, size, valueSize }: Sizes, draft: Draft): Three {
  const split = (source: Value, dims: readonly number[], perm: readonly number[]) =>
    draft.op('Transpose', [draft.op('Reshape', [source, draft.ints(dims)])], { perm: ints(perm) })
  return [
    split(query, [0, 0, kvHeads, heads / kvHeads, size], [0, 2, 3, 1, 4]),
    split(key, [0, 0, kvHeads, 1, size], [0, 2, 3, 4, 1]),
    split(value, [0, 0, kvHeads, 1, valueSize], [0, 2, 3, 1, 4]),
  ]
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
