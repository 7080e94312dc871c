import { describe, it } from 'vitest'
import { dropNoOpSlice } from '../../../../core/rules/tidy/drop-no-op-slice.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-slice', () => {
  it('drops one that takes all', () =>
    checkRule(dropNoOpSlice, {
      before: `(x: float32[n, 3]) -> (y)
a = Slice(x, int64[1] {0}, int64[1] {9223372036854775807}, int64[1] {0})
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that turns around', () =>
    checkRejects(
      dropNoOpSlice,
      `(x: float32[4]) -> (y)
y = Slice(x, int64[1] {-1}, int64[1] {-9223372036854775808}, int64[1] {0}, int64[1] {-1})`,
      'it may run backwards',
    ))

  it('keeps one that cuts', () =>
    checkRejects(
      dropNoOpSlice,
      `(x: float32[4]) -> (y)
y = Slice(x, int64[1] {1}, int64[1] {4}, int64[1] {0})`,
      'the shape changes',
    ))
})
