import { describe, it } from 'vitest'
import { fuseBatchTransposeIntoMatmul } from '../../../../core/targets/ort/fuse-batch-transpose-into-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-batch-transpose-into-matmul', () => {
  it('turns moved batches into flags', () =>
    checkRule(fuseBatchTransposeIntoMatmul, {
      before: `(x: float32[5, 2, 7, 3], z: float32[3, 2, 7, 4]) -> (y)
a = Transpose(x) {perm: [1, 2, 0, 3]}
b = Transpose(z) {perm: [1, 2, 0, 3]}
y = MatMul(a, b)`,
      after: 'y = com.microsoft.FusedMatMul(x, z) {alpha: 1.0, transA: 0, transB: 0, transBatchA: 1, transBatchB: 1}',
    }))

  it('turns matrices that are turned too', () =>
    checkRule(fuseBatchTransposeIntoMatmul, {
      before: `(x: float32[5, 2, 3], z: float32[2, 5, 4]) -> (y)
a = Transpose(x) {perm: [1, 2, 0]}
y = com.microsoft.FusedMatMul(a, z) {alpha: 2.0}`,
      after: 'y = com.microsoft.FusedMatMul(x, z) {alpha: 2.0, transA: 1, transB: 0, transBatchA: 1}',
    }))

  it('leaves factors of other batches: the kernel does not broadcast them then', () =>
    checkRejects(
      fuseBatchTransposeIntoMatmul,
      `(x: float32[5, 2, 3], z: float32[4, 2, 3, 6]) -> (y)
a = Transpose(x) {perm: [1, 0, 2]}
y = MatMul(a, z)`,
      'not known to have the same batches',
    ))

  it('leaves other permutations, and products with weights', () => {
    const product = (perm: string, other: string) => `(x: float32[2, 3, 5, 4], z: float32[3, 5, 4, 2]) -> (y)
a = Transpose(x) {perm: ${perm}}
y = MatMul(a, ${other})`
    checkRejects(fuseBatchTransposeIntoMatmul, product('[0, 2, 1, 3]', 'z'), 'it does not move the first axis behind the batches')
    checkRejects(fuseBatchTransposeIntoMatmul, product('[1, 2, 0, 3]', 'float32[4, 6]'), 'it multiplies with weights')
  })
})
