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
      'the root is not known to stand where its mean was taken',
    ))

  const flax = `(x: float32[batch, 5, 8]) -> (y)
q = Mul(x, x)
t = ReduceSum(q, int64[1] {2}) {keepdims: 0}
u = Mul(t, float32 0.125)
v = Reshape(u, int64[3] {0, 0, 1})
e = Add(v, float32 0.000001)
r = Sqrt(e)
i = Reciprocal(r)
f = Mul(i, float32[1, 1, 8])
y = Mul(x, f)`

  it('reads what Flax writes: sums over a number, and a scale before the value', () =>
    checkRule(liftRmsNormalization, {
      before: flax,
      after: `n = lathe.Norm(x) {axis: -1, epsilon: 0.000001, kind: "rms"}
y = Mul(n, float32[1, 1, 8])`,
    }))

  it('leaves sums divided by another number', () =>
    checkRejects(liftRmsNormalization, flax.replace('0.125', '0.25'), 'a sum is not divided by the number of what it sums'))
})
