import { describe, it } from 'vitest'
import { liftNormCasts } from '../../../../core/rules/lift/lift-norm-casts.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-norm-casts', () => {
  it('drops both casts', () =>
    checkRule(liftNormCasts, {
      before: `(x: float16[2, 5, 8]) -> (y)
c = Cast(x) {to: 1}
n = lathe.Norm(c) {kind: "layer", axis: -1, epsilon: 0.001}
y = Cast(n) {to: 10}`,
      after: `y = lathe.Norm(x) {kind: "layer", axis: -1, epsilon: 0.001}`,
    }))

  it('leaves casts to other types', () =>
    checkRejects(
      liftNormCasts,
      `(x: float16[2, 5, 8]) -> (y)
c = Cast(x) {to: 1}
n = lathe.Norm(c) {kind: "layer", axis: -1, epsilon: 0.001}
y = Cast(n) {to: 11}`,
      'it does not go from half floats',
    ))
})
