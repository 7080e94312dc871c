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

  const norm = (of: string) => `BatchNormalization(${of}, float32[6], float32[6], float32[6], float32[6] positive)`

  it('sees columns through views', () =>
    checkRule(fuseBatchnormIntoMatmul, {
      before: `(x: float32[batch, 3, 4]) -> (y)
a = MatMul(x, float32[4, 6])
t = Transpose(a) {perm: [0, 2, 1]}
u = Unsqueeze(t, int64[1] {3})
y = ${norm('u')}`,
      after: `a = MatMul(x, float32[4, 6])
b = Add(a, float32[6])
t = Transpose(b) {perm: [0, 2, 1]}
y = Unsqueeze(t, int64[1] {3})`,
    }))

  it('leaves channels that are another axis of the product', () =>
    checkRejects(
      fuseBatchnormIntoMatmul,
      `(x: float32[3, 6, 4]) -> (y)
a = MatMul(x, float32[4, 6])
y = ${norm('a')}`,
      'not known to be the columns of the weights',
    ))

  it('leaves columns that a view takes apart', () =>
    checkRejects(
      fuseBatchnormIntoMatmul,
      `(x: float32[3, 4]) -> (y)
a = MatMul(x, float32[4, 12])
r = Reshape(a, int64[3] {3, 6, 2})
y = ${norm('r')}`,
      'not known to be the columns of the weights',
    ))
})
