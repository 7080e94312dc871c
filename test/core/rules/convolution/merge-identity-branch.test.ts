import { describe, it } from 'vitest'
import { mergeIdentityBranch } from '../../../../core/rules/convolution/merge-identity-branch.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-identity-branch', () => {
  it('adds a kernel with a single weight', () =>
    checkRule(mergeIdentityBranch, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[4, 2, 3, 3], float32[4]) {pads: [1, 1, 1, 1], group: 2}
y = Add(x, a)`,
      after: `y = Conv(x, float32[4, 2, 3, 3], float32[4]) {pads: [1, 1, 1, 1], group: 2}`,
    }))

  it('takes a normalized branch', () =>
    checkRule(mergeIdentityBranch, {
      before: `(x: float32[2, 6, 6, 6]) -> (y)
a = Conv(x, float32[6, 6, 3, 3]) {pads: [1, 1, 1, 1]}
b = BatchNormalization(x, float32[6], float32[6], float32[6], float32[6] positive)
y = Add(a, b)`,
      after: `y = Conv(x, float32[6, 6, 3, 3], float32[6]) {pads: [1, 1, 1, 1]}`,
    }))

  it('keeps one whose channels change', () =>
    checkRejects(
      mergeIdentityBranch,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[1, 4, 3, 3]) {pads: [1, 1, 1, 1]}
y = Add(x, a)`,
      'changes the number of channels',
    ))
})
