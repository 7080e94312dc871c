import { float, int, intOf, ints } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { asHeads, type Heads, turnedHeadsOf, unrepeated, unturned } from './heads.ts'

const product = op('MatMul', [any('query'), any('keys')], 'product')
const scaled = oneOf(op('Mul', [product, scalar('factor')], 'scaling'), op('Div', [product, scalar('divisor')], 'scaling'), product)
const masked = oneOf(op('Add', [scaled, any('mask')], 'masking'), scaled)

const overKeys = (softmax: Node): true | string => {
  const rank = rankOf(softmax.inputs[0] as Value)
  const axis = intOf(softmax, 'axis', softmax.graph.model.opset >= 13 ? -1 : 1)
  return axis === -1 || axis === (rank ?? 4) - 1 ? true : 'the Softmax does not run over the keys'
}

/**
 * softmax(q k^T * scale + mask) v over heads, whatever views, scalings and repetitions of key and value heads surround it, to one operator on
 * [batch, length, heads * size]. Its mask is added to the scores and broadcasts to [batch, heads, length, kv length].
 * Source of the operation: Vaswani et al., "Attention Is All You Need"; grouped heads: Ainslie et al., "GQA".
 */
export const liftAttention = rule({
  id: 'lift-attention',
  summary: 'Products, scaling, mask and Softmax of attention become one operator.',
  fidelity: 'rounding',
  pattern: op('Transpose', [op('MatMul', [op('Softmax', [masked], { name: 'softmax', when: overKeys }), any('values')], 'context')], {
    name: 'out',
    attributes: { perm: [0, 2, 1, 3] },
  }),
  rewrite({ query, keys, values, mask, factor, divisor, softmax }, draft) {
    const [q, byQuery] = unscaled(query)
    const [k, byKeys] = unscaled(keys)
    const queries = asHeads(q, draft)
    if (queries === null) return reject('the number of heads or their size is not known', query)
    const kept = keyHeads(k, draft)
    if (kept === null) return reject('the keys are not turned heads of a known number and size', keys)
    const held = asHeads(unrepeated(values), draft)
    if (held === null) return reject('the number of heads of the values is not known', values)
    if (kept.heads !== held.heads) return reject(`keys have ${kept.heads} heads and values ${held.heads}`, values)
    if (queries.heads % kept.heads !== 0) return reject(`${queries.heads} query heads do not divide into ${kept.heads} key heads`, keys)
    if (mask !== undefined && !broadcasts(mask)) return reject('the mask has more axes than the scores', mask)
    const scale = byQuery * byKeys * (factor ?? 1) * (divisor === undefined ? 1 : 1 / divisor)
    const inputs = [queries.source, kept.source, held.source, ...(mask === undefined ? [] : [mask])]
    const attention = draft.op(
      'lathe.Attention',
      inputs,
      { heads: int(queries.heads), kv_heads: int(kept.heads), scale: float(scale) },
      { name: softmax.name },
    )
    return draft.op('Reshape', [attention, draft.ints([0, 0, queries.heads, held.size])])
  },
})

const broadcasts = (mask: Value): boolean => (rankOf(mask) ?? 5) <= 4

/** Keys as they go into the product: turned at once, or heads (perhaps repeated) with their last axes exchanged. */
function keyHeads(value: Value, draft: Draft): Heads | null {
  const turned = turnedHeadsOf(value)
  if (turned !== null) return turned
  const plain = unturned(value)
  if (plain !== null) return asHeads(unrepeated(plain), draft)
  const [, heads, size] = shapeOf(value) ?? []
  if (typeof heads !== 'number' || typeof size !== 'number') return null
  const rows = draft.op('Transpose', [value], { perm: ints([0, 3, 1, 2]) })
  return { source: draft.op('Reshape', [rows, draft.ints([0, 0, heads * size])]), heads, size }
}

/** A value without the constant factor that exporters of fused attention put on queries and keys alike. */
function unscaled(value: Value): readonly [Value, number] {
  const node = value.producer
  if (node?.opType !== 'Mul' && node?.opType !== 'Div') return [value, 1]
  const at = node.inputs.findIndex((input) => input?.constant?.ref.dims.every((dim) => dim === 1))
  const constant = node.inputs[at]?.constant
  const other = node.inputs[1 - at] ?? null
  if (constant == null || other === null || constant.ref.dims.length > 4 || (node.opType === 'Div' && at === 0)) return [value, 1]
  const number = numbersOf(constant)[0] as number
  return [other, node.opType === 'Mul' ? number : 1 / number]
}
