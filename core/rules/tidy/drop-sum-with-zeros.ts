import { numbersOf } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { passThrough } from './passing.ts'

/** Without a value, the operator fills with zeros. */
const fillsWithZeros = (node: Node): true | string => {
  const value = node.attributes.get('value')
  if (value === undefined) return true
  return (value.type === 'tensor' && numbersOf(value.value)[0] === 0) || 'what is filled in is not zero'
}

const zeros = oneOf(
  op('ConstantOfShape', [any()], { shared: true, when: fillsWithZeros }),
  op('Expand', [scalar(0), any()], { shared: true }),
)

/**
 * PyTorch's `baddbmm` with `beta=0`, as diffusion models compute their scores, is exported with the tensor that it does not read: zeros of a size
 * that only the run knows, times 0.
 */
export const dropSumWithZeros = rule({
  id: 'drop-sum-with-zeros',
  summary: 'A sum with zeros of a size that only the run knows is the other addend.',
  fidelity: 'exact',
  pattern: op('Add', [any('x'), oneOf(zeros, op('Mul', [zeros, scalar('factor')], { shared: true }))]),
  rewrite({ x, factor }, draft) {
    if (factor !== undefined && !Number.isFinite(factor)) return reject(`zeros times ${factor} are no zeros`)
    return passThrough(x, draft.root.outputs[0] as Value)
  },
})
