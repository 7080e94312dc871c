import { describe, it } from 'vitest'
import { liftGeluTanh } from '../../../../core/rules/lift/lift-gelu-tanh.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-gelu-tanh', () => {
  it('reads the form of HuggingFace', () =>
    checkRule(liftGeluTanh, {
      before: `(x: float32[2, 5, 8]) -> (y)
c = Pow(x, float32 3.0)
k = Mul(c, float32 0.044715)
s = Add(x, k)
m = Mul(s, float32 0.79788456)
t = Tanh(m)
o = Add(t, float32 1.0)
h = Mul(x, float32 0.5)
y = Mul(h, o)`,
      after: `y = lathe.Activation(x) {kind: "gelu-tanh"}`,
    }))

  it('reads a cube of products', () =>
    checkRule(liftGeluTanh, {
      before: `(x: float32[2, 5, 8]) -> (y)
q = Mul(x, x)
c = Mul(q, x)
k = Mul(float32 0.044715, c)
s = Add(x, k)
m = Mul(float32 0.79788456, s)
t = Tanh(m)
o = Add(float32 1.0, t)
h = Mul(x, o)
y = Mul(h, float32 0.5)`,
      after: `y = lathe.Activation(x) {kind: "gelu-tanh"}`,
    }))

  it.each([
    ['from the factor outwards, as JAX writes it', 'a = Mul(float32 0.044715, x)\nb = Mul(x, a)\nk = Mul(x, b)'],
    ['as a square times a product', 'a = Mul(x, x)\nb = Mul(x, float32 0.044715)\nk = Mul(a, b)'],
    ['as a power times a factor times x', 'a = Pow(x, float32 2.0)\nb = Mul(a, float32 0.044715)\nk = Mul(b, x)'],
  ])('reads a cube multiplied %s', (_how, cube) =>
    checkRule(liftGeluTanh, {
      before: `(x: float32[2, 5, 8]) -> (y)
${cube}
s = Add(x, k)
m = Mul(float32 0.79788456, s)
t = Tanh(m)
o = Add(float32 1.0, t)
h = Mul(float32 0.5, o)
y = Mul(x, h)`,
      after: `y = lathe.Activation(x) {kind: "gelu-tanh"}`,
    }),
  )

  it('reads the factored form', () =>
    checkRule(liftGeluTanh, {
      before: `(x: float32[2, 5, 8]) -> (y)
a = Mul(x, float32 0.79788456)
b = Mul(x, float32 0.044715)
q = Mul(b, x)
c = Add(q, float32 1.0)
m = Mul(a, c)
t = Tanh(m)
o = Add(t, float32 1.0)
h = Mul(x, float32 0.5)
y = Mul(h, o)`,
      after: `y = lathe.Activation(x) {kind: "gelu-tanh"}`,
    }))

  it('leaves another cubic factor', () =>
    checkRejects(
      liftGeluTanh,
      `(x: float32[2, 5, 8]) -> (y)
c = Pow(x, float32 3.0)
k = Mul(c, float32 0.05)
s = Add(x, k)
m = Mul(s, float32 0.79788456)
t = Tanh(m)
o = Add(t, float32 1.0)
h = Mul(x, float32 0.5)
y = Mul(h, o)`,
      'the constant is 0.05',
    ))
})
