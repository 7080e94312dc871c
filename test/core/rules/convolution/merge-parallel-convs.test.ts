import { describe, it } from 'vitest'
import { mergeParallelConvs } from '../../../../core/rules/convolution/merge-parallel-convs.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-parallel-convs', () => {
  it('puts the smaller kernel into the larger', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1], strides: [2, 2]}
b = Conv(x, float32[6, 4, 1, 1]) {strides: [2, 2]}
y = Add(a, b)`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1], strides: [2, 2]}`,
    }))

  it('finds the place of uneven kernels', () =>
    checkRule(mergeParallelConvs, {
      before: `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[4, 2, 1, 3]) {pads: [0, 1, 0, 1], group: 2}
b = Conv(x, float32[4, 2, 3, 3]) {pads: [1, 1, 1, 1], group: 2}
y = Add(a, b)`,
      after: `y = Conv(x, float32[4, 2, 3, 3]) {pads: [1, 1, 1, 1], group: 2}`,
    }))

  it('keeps different strides', () =>
    checkRejects(
      mergeParallelConvs,
      `(x: float32[2, 4, 6, 6]) -> (y)
a = Conv(x, float32[6, 4, 3, 3]) {pads: [1, 1, 1, 1], strides: [6, 6]}
b = Conv(x, float32[6, 4, 1, 1]) {strides: [7, 7]}
y = Add(a, b)`,
      'strides or groups differ',
    ))
})
