import { describe, it } from 'vitest'
import { expandNorm } from '../../../../core/rules/expand/expand-norm.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('expand-norm', () => {
  it('defines a layer normalization', () =>
    checkRule(expandNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x, float32[8], float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}`,
      after: `m = ReduceMean(x, int64[1] {-1})
d = Sub(x, m)
p = Mul(d, d)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.001)
s = Sqrt(e)
n = Div(d, s)
c = Mul(n, float32[8])
y = Add(c, float32[8])`,
    }))

  it('defines an RMS normalization before operator set 18', () =>
    checkRule(expandNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "rms"}`,
      after: `p = Mul(x, x)
v = ReduceMean(p) {axes: [-1]}
e = Add(v, float32 0.001)
s = Sqrt(e)
y = Div(x, s)`,
      opsets: 'opset 13',
    }))
})
