import { describe, it } from 'vitest'
import { fuseScaleIntoMatmul } from '../../../../core/targets/ort/fuse-scale-into-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-scale-into-matmul', () => {
  it('multiplies factors on all sides', () =>
    checkRule(fuseScaleIntoMatmul, {
      before: `(x: float32[2, 3, 5], z: float32[2, 5, 4]) -> (y)
a = Mul(x, float32 2.0)
b = Div(z, float32 4.0)
p = MatMul(a, b)
y = Mul(p, float32 3.0)`,
      after: `y = com.microsoft.FusedMatMul(x, z) {alpha: 1.5, transA: 0, transB: 0}`,
    }))

  it('leaves a factor for each column', () =>
    checkRejects(
      fuseScaleIntoMatmul,
      `(x: float32[2, 3, 5], z: float32[2, 5, 4]) -> (y)
p = MatMul(x, z)
y = Mul(p, float32[4])`,
      'is no single number',
    ))
})
