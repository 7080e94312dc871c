import { describe, it } from 'vitest'
import { viewAfterSoftmax } from '../../../../core/rules/attention/view-after-softmax.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('view-after-softmax', () => {
  it('merges axes after it', () =>
    checkRule(viewAfterSoftmax, {
      before: `(x: float32[3, 2, 5, 7]) -> (y)
m = Reshape(x, int64[3] {6, 5, 7})
y = Softmax(m) {axis: 2}`,
      after: `s = Softmax(x) {axis: -1}
y = Reshape(s, int64[3] {6, 5, 7})`,
    }))

  it('leaves views that change the last axis', () =>
    checkRejects(
      viewAfterSoftmax,
      `(x: float32[3, 2, 5, 7]) -> (y)
m = Reshape(x, int64[3] {3, 2, 35})
y = Softmax(m)`,
      'the view does not merge axes before the last',
    ))
})
