import { describe, it } from 'vitest'
import { fuseTransposeOfGemm } from '../../../../core/rules/gemm/fuse-transpose-of-gemm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-transpose-of-gemm', () => {
  it('exchanges the matrices', () =>
    checkRule(fuseTransposeOfGemm, {
      before: `(x: float32[3, 4], z: float32[5, 4]) -> (y)
g = Gemm(x, z) {transB: 1}
y = Transpose(g)`,
      after: `y = Gemm(z, x) {transA: 0, transB: 1}`,
    }))

  it('leaves one with a third input', () =>
    checkRejects(
      fuseTransposeOfGemm,
      `(x: float32[3, 4], z: float32[4, 5]) -> (y)
g = Gemm(x, z, float32[5])
y = Transpose(g)`,
      'the operator has more than 2 inputs',
    ))
})
