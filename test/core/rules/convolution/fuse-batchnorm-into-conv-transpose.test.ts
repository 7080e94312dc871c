import { describe, it } from 'vitest'
import { fuseBatchnormIntoConvTranspose } from '../../../../core/rules/convolution/fuse-batchnorm-into-conv-transpose.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('fuse-batchnorm-into-conv-transpose', () => {
  it('folds it, group by group', () =>
    checkRule(fuseBatchnormIntoConvTranspose, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = ConvTranspose(x, float32[4, 3, 2, 2], float32[6]) {group: 2, strides: [2, 2]}
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      after: `y = ConvTranspose(x, float32[4, 3, 2, 2], float32[6]) {group: 2, strides: [2, 2]}`,
    }))
})
