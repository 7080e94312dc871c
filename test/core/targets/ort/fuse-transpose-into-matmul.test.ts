import { describe, it } from 'vitest'
import { fuseTransposeIntoMatmul } from '../../../../core/targets/ort/fuse-transpose-into-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-transpose-into-matmul', () => {
  it('turns transposes into flags', () =>
    checkRule(fuseTransposeIntoMatmul, {
      before: `(x: float32[2, 5, 3], z: float32[2, 4, 5]) -> (y)
a = Transpose(x) {perm: [0, 2, 1]}
b = Transpose(z) {perm: [0, 2, 1]}
y = MatMul(a, b)`,
      after: `y = com.microsoft.FusedMatMul(x, z) {alpha: 1.0, transA: 1, transB: 1}`,
    }))

  it('takes a flag back', () =>
    checkRule(fuseTransposeIntoMatmul, {
      before: `(x: float32[5, 3], z: float32[5, 4]) -> (y)
a = Transpose(x)
y = com.microsoft.FusedMatMul(a, z) {alpha: 2.0, transA: 0}`,
      after: `y = com.microsoft.FusedMatMul(x, z) {alpha: 2.0, transA: 1, transB: 0}`,
    }))

  it('leaves products with weights', () =>
    checkRejects(
      fuseTransposeIntoMatmul,
      `(x: float32[5, 3]) -> (y)
a = Transpose(x)
y = MatMul(a, float32[5, 4])`,
      'it multiplies with weights',
    ))

  it('leaves transposes of batches', () =>
    checkRejects(
      fuseTransposeIntoMatmul,
      `(x: float32[5, 2, 3], z: float32[2, 3, 4]) -> (y)
a = Transpose(x) {perm: [1, 0, 2]}
y = MatMul(a, z)`,
      'it exchanges other axes than the last two',
    ))
})
