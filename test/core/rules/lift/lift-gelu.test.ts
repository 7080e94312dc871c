import { describe, it } from 'vitest'
import { liftGelu } from '../../../../core/rules/lift/lift-gelu.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-gelu', () => {
  it('reads x * (1 + erf) * 0.5', () =>
    checkRule(liftGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
d = Div(x, float32 1.4142135)
e = Erf(d)
o = Add(e, float32 1.0)
p = Mul(x, o)
y = Mul(p, float32 0.5)`,
      after: `y = lathe.Activation(x) {kind: "gelu"}`,
    }))

  it('reads (x * 0.5) * (1 + erf)', () =>
    checkRule(liftGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
d = Div(x, float32 1.4142135)
e = Erf(d)
o = Add(e, float32 1.0)
p = Mul(x, float32 0.5)
y = Mul(o, p)`,
      after: `y = lathe.Activation(x) {kind: "gelu"}`,
    }))

  it('reads x * ((1 + erf) * 0.5)', () =>
    checkRule(liftGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
d = Div(x, float32 1.4142135)
e = Erf(d)
o = Add(e, float32 1.0)
p = Mul(o, float32 0.5)
y = Mul(p, x)`,
      after: `y = lathe.Activation(x) {kind: "gelu"}`,
    }))

  it('reads a product with the rounded root inside, and a half', () =>
    checkRule(liftGelu, {
      before: `(x: float32[2, 5, 8]) -> (y)
d = Mul(x, float32 0.7071)
e = Erf(d)
o = Add(float32 1.0, e)
p = Mul(x, o)
y = Div(p, float32 2.0)`,
      after: `y = lathe.Activation(x) {kind: "gelu"}`,
    }))

  it('leaves another factor', () =>
    checkRejects(
      liftGelu,
      `(x: float32[2, 5, 8]) -> (y)
d = Div(x, float32 1.5)
e = Erf(d)
o = Add(e, float32 1.0)
p = Mul(x, o)
y = Mul(p, float32 0.5)`,
      'the constant is 1.5, not 1.414',
    ))

  it('leaves one whose parts others read', () =>
    checkRejects(
      liftGelu,
      `(x: float32[2, 5]) -> (y, e)
d = Div(x, float32 1.4142135)
e = Erf(d)
o = Add(e, float32 1.0)
p = Mul(x, o)
y = Mul(p, float32 0.5)`,
      'the result of Erf is also an output of the graph',
    ))
})
