import { describe, it } from 'vitest'
import { expandActivation } from '../../../../core/rules/expand/expand-activation.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('expand-activation', () => {
  it('defines GELU', () =>
    checkRule(expandActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu"}`,
      after: `a = Div(x, float32 1.4142135)
b = Erf(a)
c = Add(b, float32 1.0)
d = Mul(x, c)
y = Mul(d, float32 0.5)`,
    }))

  it('defines its tanh form', () =>
    checkRule(expandActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu-tanh"}`,
      after: `q = Mul(x, x)
c = Mul(q, x)
k = Mul(c, float32 0.044715)
s = Add(x, k)
m = Mul(s, float32 0.7978845608)
t = Tanh(m)
o = Add(t, float32 1.0)
h = Mul(x, o)
y = Mul(h, float32 0.5)`,
    }))

  it('defines SiLU', () =>
    checkRule(expandActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "silu", alpha: 1.0}`,
      after: `s = Sigmoid(x)
y = Mul(x, s)`,
    }))
})
