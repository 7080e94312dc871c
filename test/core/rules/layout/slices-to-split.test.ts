import { describe, it } from 'vitest'
import { slicesToSplit } from '../../../../core/rules/layout/slices-to-split.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('slices-to-split', () => {
  it('makes one Split of three parts', () =>
    checkRule(slicesToSplit, {
      before: `(x: float32[2, 5, 6]) -> (a, b, c)
b = Slice(x, int64[1] {2}, int64[1] {-1}, int64[1] {2})
a = Slice(x, int64[1] {0}, int64[1] {2}, int64[1] {-1})
c = Slice(x, int64[1] {5}, int64[1] {9223372036854775807}, int64[1] {2}, int64[1] {1})`,
      after: `a, b, c = Split(x, int64[3] {2, 3, 1}) {axis: 2}`,
    }))

  it('leaves parts with a gap', () =>
    checkRejects(
      slicesToSplit,
      `(x: float32[2, 6]) -> (a, b)
a = Slice(x, int64[1] {0}, int64[1] {2}, int64[1] {1})
b = Slice(x, int64[1] {3}, int64[1] {6}, int64[1] {1})`,
      'do not take the whole value apart',
    ))

  it('leaves an axis of unknown size', () =>
    checkRejects(
      slicesToSplit,
      `(x: float32[2, n]) -> (a, b)
a = Slice(x, int64[1] {0}, int64[1] {2}, int64[1] {1})
b = Slice(x, int64[1] {2}, int64[1] {6}, int64[1] {1})`,
      'its bounds are no constants, or it cuts',
    ))
})
