import type { Node, Value } from '../../ir/value.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { any, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

export const mergeClips = rule({
  id: 'merge-clips',
  summary: 'Clips and Relus in a row are one Clip.',
  fidelity: 'exact',
  pattern: oneOf(
    op('Clip', [op('Clip', [any('x'), maybe(any()), maybe(any())], 'inner'), maybe(any()), maybe(any())], 'outer'),
    op('Clip', [op('Relu', [any('x')], 'inner'), maybe(any()), maybe(any())], 'outer'),
    op('Relu', [op('Clip', [any('x'), maybe(any()), maybe(any())], 'inner')], 'outer'),
  ),
  rewrite({ x, inner, outer }, draft) {
    const [first, second] = [boundsOf(inner), boundsOf(outer)]
    const type = dtypeOf(x)
    if (first === null || second === null || type === null || draft.opset() < 11) return reject('bounds are no constants', outer)
    // The outer bounds are applied last, so they move the inner ones.
    const into = (value: number) => Math.min(Math.max(value, second.low), second.high)
    const bound = (value: number): Value | null => (Number.isFinite(value) ? draft.scalar(value, type) : null)
    return draft.op('Clip', [x, bound(into(first.low)), bound(into(first.high))])
  },
})

function boundsOf(node: Node): { low: number; high: number } | null {
  if (node.opType === 'Relu') return { low: 0, high: Number.POSITIVE_INFINITY }
  const at = (index: number, otherwise: number): number | null => {
    const input = node.inputs[index]
    if (input == null) return otherwise
    return input.constant === null ? null : scalarOf(input.constant)
  }
  const [low, high] = [at(1, Number.NEGATIVE_INFINITY), at(2, Number.POSITIVE_INFINITY)]
  return low === null || high === null || low > high ? null : { low, high }
}
