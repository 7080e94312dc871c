import { describe, it } from 'vitest'
import { liftLayerNormalization } from '../../../../core/rules/lift/lift-layer-normalization.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-layer-normalization', () => {
  it('reads a quotient', () =>
    checkRule(liftLayerNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {-1})
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(d, s)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "layer"}`,
    }))

  it('reads a product with the inverse, and squares as products', () =>
    checkRule(liftLayerNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {-1})
d = Sub(x, m)
p = Mul(d, d)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
r = Reciprocal(s)
y = Mul(r, d)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "layer"}`,
    }))

  it('reads axes as an attribute, over several axes', () =>
    checkRule(liftLayerNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x) {axes: [1, 2]}
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p) {axes: [1, 2]}
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(d, s)`,
      after: `y = lathe.Norm(x) {axis: -2, epsilon: 0.00001, kind: "layer"}`,
      opsets: 'opset 13',
    }))

  const multiplied = (lines: string) => `(x: float32[2, 5, 8]) -> (y)
scale = float32[8]
shift = float32[8]
m = ReduceMean(x, int64[1] {-1})
d = Sub(m, x)
p = Mul(d, d)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
${lines}`

  it('reads what TensorFlow multiplies out', () =>
    checkRule(liftLayerNormalization, {
      before: multiplied(`r = Reciprocal(s)
t = Mul(r, scale)
a = Mul(x, t)
b = Mul(m, t)
c = Sub(shift, b)
y = Add(a, c)`),
      after: `scale = float32[8]
shift = float32[8]
n = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "layer"}
q = Mul(n, scale)
y = Add(q, shift)`,
    }))

  it('reads that without a shift, and with a quotient as factor', () =>
    checkRule(liftLayerNormalization, {
      before: multiplied(`t = Div(scale, s)
a = Mul(t, x)
b = Mul(t, m)
y = Sub(a, b)`),
      after: `scale = float32[8]
shift = float32[8]
n = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "layer"}
y = Mul(n, scale)`,
    }))

  it('leaves value and mean with two factors', () =>
    checkRejects(
      liftLayerNormalization,
      multiplied(`r = Reciprocal(s)
t = Mul(r, scale)
u = Mul(r, shift)
a = Mul(x, u)
b = Mul(m, t)
c = Sub(shift, b)
y = Add(a, c)`),
      'also read by',
    ))

  it('reads one whose difference is computed twice', () =>
    checkRule(liftLayerNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {-1})
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
c = Sub(x, m)
y = Div(c, s)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.00001, kind: "layer"}`,
    }))

  it('reads one whose epsilon is gone', () =>
    checkRule(liftLayerNormalization, {
      before: `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {-1})
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
s = Sqrt(v)
y = Div(d, s)`,
      after: `y = lathe.Norm(x) {axis: -1, epsilon: 0.0, kind: "layer"}`,
    }))

  it('leaves means over other axes', () =>
    checkRejects(
      liftLayerNormalization,
      `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[1] {1})
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p, int64[1] {1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(d, s)`,
      'the mean does not run over the last axes',
    ))

  it('leaves means over different axes', () =>
    checkRejects(
      liftLayerNormalization,
      `(x: float32[2, 5, 8]) -> (y)
m = ReduceMean(x, int64[2] {1, 2})
d = Sub(x, m)
p = Pow(d, float32 2.0)
v = ReduceMean(p, int64[1] {-1})
e = Add(v, float32 0.00001)
s = Sqrt(e)
y = Div(d, s)`,
      'mean and variance run over different axes',
    ))
})
