import { describe, it } from 'vitest'
import { liftRmsNormalization } from '../../../../core/rules/lift/lift-rms-normalization.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-rms-normalization', () => {
  it('reads a quotient', () =>
    checkRule(liftRmsNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
p = Pow(x, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(x, s)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "rms"}`,
    }))

  it('reads a product with the inverse', () =>
    checkRule(liftRmsNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
p = Pow(x, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
r = Reciprocal(s)
y = Mul(x, r)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "rms"}`,
    }))

  it('reads a product with one over the root', () =>
    checkRule(liftRmsNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
p = Pow(x, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
r = Div(float32 1.0, s)
y = Mul(x, r)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "rms"}`,
    }))

  it('leaves a mean that drops its axis', () =>
    checkRejects(
      liftRmsNormalization,
      `(x: float32[8, 8]) -> (y)
p = Pow(x, float32 2.0)
v = ReduceMean(p, int64[1] {-1}) {keepdims: 0}
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(x, s)`,
      "attribute 'keepdims' is 0, not 1",
    ))
})
