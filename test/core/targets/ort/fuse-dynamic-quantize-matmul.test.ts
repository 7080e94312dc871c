import { describe, it } from 'vitest'
import { fuseDynamicQuantizeMatmul } from '../../../../core/targets/ort/fuse-dynamic-quantize-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-dynamic-quantize-matmul', () => {
  it('makes one operator', () =>
    checkRule(fuseDynamicQuantizeMatmul, {
      before: `(x: float32[2, 3, 8]) -> (y)
q, s, z = DynamicQuantizeLinear(x)
i = MatMulInteger(q, int8[8, 4], z)
f = Cast(i) {to: 1}
k = Mul(s, float32 0.02)
y = Mul(f, k)`,
      after: `y = com.microsoft.DynamicQuantizeMatMul(x, int8[8, 4], float32 0.02)`,
    }))

  it('takes zero points of the weights', () =>
    checkRule(fuseDynamicQuantizeMatmul, {
      before: `(x: float32[3, 8]) -> (y)
q, s, z = DynamicQuantizeLinear(x)
i = MatMulInteger(q, uint8[8, 4], z, uint8 2)
f = Cast(i) {to: 1}
k = Mul(float32[1] {0.02}, s)
y = Mul(k, f)`,
      after: `y = com.microsoft.DynamicQuantizeMatMul(x, uint8[8, 4], float32[1] {0.02}, uint8 2)`,
    }))

  it('leaves weights that are no matrix', () =>
    checkRejects(
      fuseDynamicQuantizeMatmul,
      `(x: float32[2, 3, 8]) -> (y)
q, s, z = DynamicQuantizeLinear(x)
i = MatMulInteger(q, int8[2, 8, 4], z)
f = Cast(i) {to: 1}
k = Mul(s, float32 0.02)
y = Mul(f, k)`,
      'the weights are no matrix',
    ))
})
