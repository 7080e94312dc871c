import { describe, it } from 'vitest'
import { dropSplitConcat } from '../../../../core/rules/tidy/drop-split-concat.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-split-concat', () => {
  it('drops both', () =>
    checkRule(dropSplitConcat, {
      before: `(x: float32[2, 6]) -> (y)
a, b = Split(x) {axis: 1, num_outputs: 2}
c = Concat(a, b) {axis: -1}
y = Relu(c)`,
      after: `y = Relu(x)`,
    }))

  it('keeps another order', () =>
    checkRejects(
      dropSplitConcat,
      `(x: float32[2, 6]) -> (y)
a, b = Split(x) {axis: 1, num_outputs: 2}
y = Concat(b, a) {axis: 1}`,
      'another output of Split is meant',
    ))
})
