import { ints, intsOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { Rejection, rule } from '../../rewrite/rule.ts'
import { liftedHeads, replaced, weightsOfHeads } from './lifted-heads.ts'

/** How a context [batch, heads, length, size] is turned before its heads are merged. */
const lengthFirst = '2,0,1,3'
const orders = new Set(['0,2,1,3', lengthFirst])
const orderOf = (transpose: Node): string => (intsOf(transpose, 'perm') ?? []).join()

/**
 * softmax(q k^T * scale + mask) v over heads, whatever views, scalings, masks, pasts and repetitions of key and value heads surround it, to one
 * operator on [batch, length, heads * size]. Its mask is added to the scores and broadcasts to [batch, heads, length, keys]; with keys and values
 * of the past [batch, kv heads, past, size] it also gives out all of them. Source of the operation: Vaswani et al., "Attention Is All You
 * Need"; grouped heads: Ainslie et al., "GQA".
 */
export const liftAttention = rule({
  id: 'lift-attention',
  summary: 'Products, scaling, mask, past and Softmax of attention become one operator.',
  fidelity: 'rounding',
  pattern: op('Transpose', [op('MatMul', [weightsOfHeads, any('values')])], {
    name: 'out',
    when: (node) => orders.has(orderOf(node)) || 'the context is not turned to [batch, length, heads, size], or the length first',
  }),
  rewrite(found, draft) {
    const { out } = found
    const lifted = liftedHeads(found, draft)
    if (lifted instanceof Rejection) return lifted
    const { context: y, heads, size } = lifted
    const context = orderOf(out) === lengthFirst ? draft.op('Transpose', [y], { perm: ints([1, 0, 2]) }) : y
    return replaced(out.outputs[0] as Value, draft.op('Reshape', [context, draft.ints([0, 0, heads, size])]), lifted)
  },
})

/** Whether a Transpose, which `lift-attention` tells of, is all that reads a context. */
export function isTurned(context: Value): boolean {
  const [use, ...others] = context.uses
  return use?.node.opType === 'Transpose' && others.length === 0 && orders.has(orderOf(use.node))
}
