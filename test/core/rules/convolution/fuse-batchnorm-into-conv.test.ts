import { describe, it } from 'vitest'
import { fuseBatchnormIntoConv } from '../../../../core/rules/convolution/fuse-batchnorm-into-conv.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-batchnorm-into-conv', () => {
  it('folds it, making a bias', () =>
    checkRule(fuseBatchnormIntoConv, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1]}
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive) {epsilon: 0.001}`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1]}`,
    }))

  it('folds it into a grouped Conv with a bias', () =>
    checkRule(fuseBatchnormIntoConv, {
      before: `(x: float32[2, 4, 5]) -> (y)
a = Conv(x, float32[6, 2, 3], float32[6]) {group: 2}
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      after: `y = Conv(x, float32[6, 2, 3], float32[6]) {group: 2}`,
    }))

  it('keeps one whose Conv others read', () =>
    checkRejects(
      fuseBatchnormIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y, z)
a = Conv(x, float32[6, 4, 1, 1])
z = Relu(a)
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      'the result of Conv is also read by',
    ))

  it('keeps one whose weights are computed', () =>
    checkRejects(
      fuseBatchnormIntoConv,
      `(x: float32[2, 4, 5, 5], w: float32[6, 4, 1, 1]) -> (y)
a = Conv(x, w)
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      "the input 'w' is no constant",
    ))

  it('keeps one in training mode', () =>
    checkRejects(
      fuseBatchnormIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 1, 1])
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive) {training_mode: 1}`,
      'the normalization is in training mode',
    ))
})
