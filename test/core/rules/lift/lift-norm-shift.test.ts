import { describe, it } from 'vitest'
import { liftNormShift } from '../../../../core/rules/lift/lift-norm-shift.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lift-norm-shift', () => {
  it('takes the term in', () =>
    checkRule(liftNormShift, {
      before: `(x: float32[2, 5, 8]) -> (y)
n = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}
y = Add(n, float32[8])`,
      after: `y = lathe.Norm(x, float32[8], float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}`,
    }))

  it('leaves a term after an RMS normalization', () =>
    checkRejects(
      liftNormShift,
      `(x: float32[2, 5, 8]) -> (y)
n = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "rms"}
y = Add(n, float32[8])`,
      'an RMS normalization has no shift',
    ))
})
