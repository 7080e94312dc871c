import { describe, it } from 'vitest'
import { fuseTransposeIntoGemm } from '../../../../core/rules/gemm/fuse-transpose-into-gemm.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('fuse-transpose-into-gemm', () => {
  it('flips both flags', () =>
    checkRule(fuseTransposeIntoGemm, {
      before: `(x: float32[4, 3], z: float32[5, 4]) -> (y)
a = Transpose(x) {perm: [1, 0]}
b = Transpose(z)
y = Gemm(a, b)`,
      after: `y = Gemm(x, z) {transA: 1, transB: 1}`,
    }))

  it('takes a flag back', () =>
    checkRule(fuseTransposeIntoGemm, {
      before: `(x: float32[3, 4], z: float32[4, 5]) -> (y)
a = Transpose(x)
y = Gemm(a, z, float32[5]) {transA: 1}`,
      after: `y = Gemm(x, z, float32[5]) {transA: 0}`,
    }))
})
