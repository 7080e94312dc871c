import { float, int, intOf, ints } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, type Condition, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { hasMergedHeads, mergedHeadsOf } from './heads.ts'
import { beforeMerge } from './merged-batches.ts'
import { unscaled } from './unscaled.ts'

/** Else lift-single-head-attention tells of it. */
const ofHeads: Condition<Value> = (query) => hasMergedHeads(unscaled(query)[0]) || 'the queries are not known to be heads of three axes'
const product = op('MatMul', [any('query', ofHeads), any('keys')])
const scaled = oneOf(op('Mul', [product, scalar('factor')]), op('Div', [product, scalar('divisor')]), product)
const masked = oneOf(op('Add', [scaled, any('mask')]), scaled)

const overKeys = (softmax: Node): true | string => {
  if (rankOf(softmax.inputs[0] as Value) !== 3) return 'the scores have not three axes'
  return [-1, 2].includes(intOf(softmax, 'axis', softmax.graph.model.opset >= 13 ? -1 : 1)) || 'the Softmax does not run over the keys'
}

/**
 * Attention over batch and heads in one axis, [batch * heads, length, size], as PyTorch's MultiheadAttention computes it. What it gives is
 * seen the same way again.
 */
export const liftMergedAttention = rule({
  id: 'lift-merged-attention',
  summary: 'Attention over batch and heads in one axis becomes one operator.',
  fidelity: 'rounding',
  pattern: op('MatMul', [op('Softmax', [masked], { name: 'softmax', when: overKeys }), any('values')], 'context'),
  rewrite({ query, keys, values, mask, factor, divisor, softmax }, draft) {
    const [q, byQuery] = unscaled(query)
    const [k, byKeys] = unscaled(keys)
    const [queries, kept, held] = [
      mergedHeadsOf(q, 'upright', draft),
      mergedHeadsOf(k, 'turned', draft),
      mergedHeadsOf(values, 'upright', draft),
    ]
    if (queries === null) return reject('the queries are not known to be heads of three axes', query)
    if (kept === null) return reject('the keys are not known to be heads of three axes', keys)
    if (held === null) return reject('the values are not known to be heads of three axes', values)
    if (queries.heads !== kept.heads || kept.heads !== held.heads) return reject('queries, keys and values have not as many heads', softmax)
    const term = mask === undefined ? null : masksOf(mask, queries.heads, draft)
    if (mask !== undefined && term === null) return reject('the mask differs from head to head or from sequence to sequence', softmax)
    const scale = byQuery * byKeys * (factor ?? 1) * (divisor === undefined ? 1 : 1 / divisor)
    if (!(scale > 0)) return reject(`the scores are scaled by ${scale}`, softmax)
    const attributes = { heads: int(queries.heads), kv_heads: int(kept.heads), scale: float(scale) }
    const inputs = [queries.source, kept.source, held.source, ...(term === null ? [] : [term])]
    const attention = draft.op('lathe.Attention', inputs, attributes, { name: softmax.name })
    // [batch, length, heads * size] with batch and heads merged, without a size that only runs know.
    const byLength = draft.op('Transpose', [attention], { perm: ints([1, 0, 2]) })
    return draft.op('Transpose', [draft.op('Reshape', [byLength, draft.ints([0, -1, held.size])])], { perm: ints([1, 0, 2]) })
  },
})

/** A mask [batch * heads, length, keys] as [batch, heads, length, keys], where it was merged from that; one of all heads as it is. */
function masksOf(mask: Value, heads: number, draft: Draft): Value | null {
  const shape = shapeOf(mask)
  if (shape === null) return null
  if (shape.length < 3 || shape[0] === 1) return mask
  const apart = beforeMerge(mask, draft)
  return apart?.axes.length === 2 && apart.axes[1] === heads ? apart.value : null
}
