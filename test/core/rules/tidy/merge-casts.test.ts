import { describe, it } from 'vitest'
import { mergeCasts } from '../../../../core/rules/tidy/merge-casts.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-casts', () => {
  it('drops a pair that comes back', () =>
    checkRule(mergeCasts, {
      before: `(x: int32[2, 3]) -> (y)
a = Cast(x) {to: 7}
b = Cast(a) {to: 6}
y = Abs(b)`,
      after: `y = Abs(x)`,
    }))

  it('makes one of two', () =>
    checkRule(mergeCasts, {
      before: `(x: bool[2, 3]) -> (y)
a = Cast(x) {to: 6}
y = Cast(a) {to: 1}`,
      after: `y = Cast(x) {to: 1}`,
    }))

  it('keeps one that loses', () =>
    checkRejects(
      mergeCasts,
      `(x: float32[2]) -> (y)
a = Cast(x) {to: 10}
y = Cast(a) {to: 1}`,
      'float16 does not hold every float32',
    ))
})
