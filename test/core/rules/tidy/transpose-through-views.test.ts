import { describe, it } from 'vitest'
import { transposeThroughViews } from '../../../../core/rules/tidy/transpose-through-views.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('transpose-through-views', () => {
  it('turns keys without merging batch and heads', () =>
    checkRule(transposeThroughViews, {
      before: `(x: float32[batch, 2, seq, 4]) -> (y)
b = Shape(x) {start: 0, end: 2}
s = Shape(x) {start: 2, end: 3}
m = Concat(int64[1] {-1}, s, int64[1] {4}) {axis: 0}
r = Reshape(x, m)
t = Transpose(r) {perm: [0, 2, 1]}
o = Concat(b, int64[1] {4}, s) {axis: 0}
y = Reshape(t, o)`,
      after: 'y = Transpose(x) {perm: [0, 1, 3, 2]}',
    }))

  it('leaves views that take other axes apart', () =>
    checkRejects(
      transposeThroughViews,
      `(x: float32[6, 2, 5, 4]) -> (y)
r = Reshape(x, int64[3] {12, 5, 4})
t = Transpose(r) {perm: [0, 2, 1]}
y = Reshape(t, int64[4] {2, 6, 4, 5})`,
      'not known to merge and to split the same axes',
    ))
})
