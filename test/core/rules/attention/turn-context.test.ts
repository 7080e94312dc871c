import { describe, it } from 'vitest'
import { turnContext } from '../../../../core/rules/attention/turn-context.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

const graph = (perm: string) => `(s: float32[2, 3, 5, 5], v: float32[2, 3, 4, 5]) -> (y)
p = Softmax(s) {axis: -1}
t = Transpose(p) {perm: ${perm}}
y = MatMul(v, t)`

describe('turn-context', () => {
  it('multiplies the other way round', () =>
    checkRule(turnContext, {
      before: graph('[0, 1, 3, 2]'),
      after: `p = Softmax(s) {axis: -1}
w = Transpose(v) {perm: [0, 1, 3, 2]}
c = MatMul(p, w)
y = Transpose(c) {perm: [0, 1, 3, 2]}`,
    }))

  it('leaves weights turned in another way', () => checkLeaves(turnContext, graph('[0, 1, 2, 3]')))
})
