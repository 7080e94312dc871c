import { describe, it } from 'vitest'
import { fuseBatchnormIntoMatmul } from '../../../../core/rules/convolution/fuse-batchnorm-into-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-batchnorm-into-matmul', () => {
  it('makes it a Gemm', () =>
    checkRule(fuseBatchnormIntoMatmul, {
      before: `(x: float32[3, 4]) -> (y)
a = MatMul(x, float32[4, 6])
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      after: `y = Gemm(x, float32[4, 6], float32[6])`,
    }))

  it('keeps one of more axes', () =>
    checkRejects(
      fuseBatchnormIntoMatmul,
      `(x: float32[3, 6, 4]) -> (y)
a = MatMul(x, float32[4, 5])
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      'the product is no matrix',
    ))
})
