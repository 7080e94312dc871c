import { describe, it } from 'vitest'
import { fuseBiasIntoDynamicQuantizeMatmul } from '../../../../core/targets/ort/fuse-bias-into-dynamic-quantize-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-bias-into-dynamic-quantize-matmul', () => {
  it('takes the bias in', () =>
    checkRule(fuseBiasIntoDynamicQuantizeMatmul, {
      before: `(x: float32[3, 8]) -> (y)
p = com.microsoft.DynamicQuantizeMatMul(x, int8[8, 4], float32 0.02)
y = Add(float32[4], p)`,
      after: `y = com.microsoft.DynamicQuantizeMatMul(x, int8[8, 4], float32 0.02, _, float32[4])`,
    }))

  it('leaves a term that is no bias', () =>
    checkRejects(
      fuseBiasIntoDynamicQuantizeMatmul,
      `(x: float32[3, 8]) -> (y)
p = com.microsoft.DynamicQuantizeMatMul(x, int8[8, 4], float32 0.02)
y = Add(p, float32[3, 4])`,
      'the term is no bias',
    ))
})
