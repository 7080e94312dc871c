import type { Tensor } from '../../ir/tensor.ts'
import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf } from '../../shapes/known.ts'
import { passThrough } from './passing.ts'

const neutral: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Mul: 1, Div: 1, Pow: 1 }

const isAll = (tensor: Tensor, wanted: number): boolean => {
  const known = knownOf(tensor)
  return known !== null && known.entries.length > 0 && known.entries.every((entry) => entry === wanted)
}

export const dropNeutralArithmetic = rule({
  id: 'drop-neutral-arithmetic',
  summary: 'x + 0, x - 0, x * 1, x / 1 and x to the power of 1 are x.',
  fidelity: 'exact',
  pattern: oneOf(op(['Add', 'Mul'], [any('x'), constant('c')]), op(['Sub', 'Div', 'Pow'], [any('x'), constant('c')])),
  rewrite({ x, c }, draft) {
    if (!isAll(c.constant, neutral[draft.root.opType] as number)) return reject('the constant is not neutral', c)
    return passThrough(x, draft.root.outputs[0] as typeof x)
  },
})
