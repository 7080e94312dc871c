import { describe, it } from 'vitest'
import { fusePadIntoPool } from '../../../../core/rules/convolution/fuse-pad-into-pool.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-pad-into-pool', () => {
  it('counts zeros in an average', () =>
    checkRule(fusePadIntoPool, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1})
y = AveragePool(a) {kernel_shape: [3, 3], strides: [2, 2]}`,
      after: `y = AveragePool(x) {count_include_pad: 1, kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2]}`,
    }))

  it('pads a maximum of what is never below zero', () =>
    checkRule(fusePadIntoPool, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
r = Relu(x)
a = Pad(r, int64[8] {0, 0, 1, 1, 0, 0, 0, 0})
y = MaxPool(a) {kernel_shape: [2, 2]}`,
      after: `%1 = Relu(x)
y = MaxPool(%1) {kernel_shape: [2, 2], pads: [1, 1, 0, 0]}`,
    }))

  it('keeps a maximum that zeros could win', () =>
    checkRejects(
      fusePadIntoPool,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1})
y = MaxPool(a) {kernel_shape: [3, 3]}`,
      'can be the maximum of a window',
    ))

  it('keeps an average that counts differently', () =>
    checkRejects(
      fusePadIntoPool,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1})
y = AveragePool(a) {kernel_shape: [3, 3], pads: [1, 1, 1, 1]}`,
      'does not count',
    ))
})
