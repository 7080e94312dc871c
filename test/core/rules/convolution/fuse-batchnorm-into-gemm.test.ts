import { describe, it } from 'vitest'
import { fuseBatchnormIntoGemm } from '../../../../core/rules/convolution/fuse-batchnorm-into-gemm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-batchnorm-into-gemm', () => {
  it('folds it', () =>
    checkRule(fuseBatchnormIntoGemm, {
      before: `(x: float32[3, 4]) -> (y)
a = Gemm(x, float32[6, 4], float32[6]) {transB: 1, beta: 0.5}
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      after: `y = Gemm(x, float32[6, 4], float32[6]) {transB: 1, beta: 1.0}`,
    }))

  it('folds it into one without a bias', () =>
    checkRule(fuseBatchnormIntoGemm, {
      before: `(x: float32[3, 4]) -> (y)
a = Gemm(x, float32[4, 6])
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      after: `y = Gemm(x, float32[4, 6], float32[6]) {beta: 1.0}`,
    }))

  it('keeps one whose bias differs from row to row', () =>
    checkRejects(
      fuseBatchnormIntoGemm,
      `(x: float32[3, 4]) -> (y)
a = Gemm(x, float32[4, 6], float32[3, 6])
y = BatchNormalization(a, float32[6], float32[6], float32[6], float32[6] positive)`,
      'the bias differs from row to row',
    ))
})
