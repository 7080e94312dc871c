import { describe, it } from 'vitest'
import { scaleMask } from '../../../../core/rules/attention/scale-mask.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

const graph = (scaling: string) => `(q: float32[2, 3, 5, 4], k: float32[2, 3, 4, 6], m: float32[5, 6]) -> (y)
s = MatMul(q, k)
a = Add(s, m)
b = ${scaling}
y = Softmax(b) {axis: -1}`

describe('scale-mask', () => {
  it('divides scores and mask apart', () =>
    checkRule(scaleMask, {
      before: graph('Div(a, float32 2.0)'),
      after: `c = float32 2.0
s = MatMul(q, k)
d = Div(s, c)
n = Div(m, c)
e = Add(d, n)
y = Softmax(e) {axis: -1}`,
    }))

  it('multiplies scores and mask apart', () =>
    checkRule(scaleMask, {
      before: graph('Mul(a, float32[1] {0.5})'),
      after: `c = float32[1] {0.5}
s = MatMul(q, k)
d = Mul(s, c)
n = Mul(m, c)
e = Add(d, n)
y = Softmax(e) {axis: -1}`,
    }))

  it('leaves a number divided by scores', () => checkLeaves(scaleMask, graph('Div(float32 2.0, a)')))

  it('leaves scales of each key', () => checkLeaves(scaleMask, graph('Mul(a, float32[6] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0})')))
})
