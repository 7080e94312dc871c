import { describe, it } from 'vitest'
import { liftSilu } from '../../../../core/rules/lift/lift-silu.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-silu', () => {
  it('reads x * sigmoid(x)', () =>
    checkRule(liftSilu, {
      before: `(x: float32[2, 5, 8]) -> (y)
s = Sigmoid(x)
y = Mul(s, x)`,
      after: `y = lathe.Activation(x) {alpha: 1.0, kind: "silu"}`,
    }))

  it('reads the quick GELU', () =>
    checkRule(liftSilu, {
      before: `(x: float32[2, 5, 8]) -> (y)
k = Mul(x, float32 1.702)
s = Sigmoid(k)
y = Mul(x, s)`,
      after: `y = lathe.Activation(x) {alpha: 1.702, kind: "silu"}`,
    }))

  it('leaves a gate of another value', () =>
    checkRejects(
      liftSilu,
      `(x: float32[2, 5], z: float32[2, 5]) -> (y)
s = Sigmoid(z)
y = Mul(x, s)`,
      "the input 'z' stands where the input 'x' is expected",
    ))
})
