import { describe, it } from 'vitest'
import { liftNormScale } from '../../../../core/rules/lift/lift-norm-scale.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-norm-scale', () => {
  it('takes the factor in', () =>
    checkRule(liftNormScale, {
      before: `(x: float32[2, 5, 8]) -> (y)
n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Mul(float32[8], n)`,
      after: `y = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}`,
    }))

  it('takes in a factor with axes of size 1 before its own', () =>
    checkRule(liftNormScale, {
      before: `(x: float32[2, 5, 8]) -> (y)
n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Mul(n, float32[1, 8] ones)`,
      after: `y = lathe.Norm(x, float32[8] ones) {axis: -1, epsilon: 0.001, kind: "layer"}`,
    }))

  it('leaves a factor that gives the value more axes', () =>
    checkRejects(
      liftNormScale,
      `(x: float32[5, 8]) -> (y)
n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Mul(n, float32[1, 1, 8])`,
      'the factor has another shape',
    ))

  it('leaves a factor of another shape', () =>
    checkRejects(
      liftNormScale,
      `(x: float32[2, 5, 8]) -> (y)
n = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Mul(n, float32[5, 8])`,
      'the factor has another shape',
    ))
})
