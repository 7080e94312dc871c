import { describe, it } from 'vitest'
import { fuseSumIntoGemm } from '../../../../core/rules/gemm/fuse-sum-into-gemm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-sum-into-gemm', () => {
  it('takes what is added', () =>
    checkRule(fuseSumIntoGemm, {
      before: `(x: float32[3, 4], c: float32[3, 5]) -> (y)
g = Gemm(x, float32[4, 5]) {alpha: 0.5}
y = Sum(g, c)`,
      after: `y = Gemm(x, float32[4, 5], c) {alpha: 0.5, beta: 1.0}`,
    }))

  it('takes a bias', () =>
    checkRule(fuseSumIntoGemm, {
      before: `(x: float32[3, 4]) -> (y)
g = Gemm(x, float32[4, 5])
y = Add(float32[5], g)`,
      after: `y = Gemm(x, float32[4, 5], float32[5]) {beta: 1.0}`,
    }))

  it('leaves a sum that broadcasts', () =>
    checkRejects(
      fuseSumIntoGemm,
      `(x: float32[1, 4], c: float32[3, 5]) -> (y)
g = Gemm(x, float32[4, 5])
y = Add(g, c)`,
      'the sum has another shape than the product',
    ))
})
