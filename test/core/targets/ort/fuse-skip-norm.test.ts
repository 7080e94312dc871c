import { describe, it } from 'vitest'
import { fuseSkipNorm } from '../../../../core/targets/ort/fuse-skip-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-skip-norm', () => {
  it('takes the residual sum in', () =>
    checkRule(fuseSkipNorm, {
      before: `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y)
a = Add(x, z)
y = LayerNormalization(a, float32[8], float32[8]) {axis: -1}`,
      after: `y = com.microsoft.SkipLayerNormalization(x, z, float32[8], float32[8]) {epsilon: 0.00001}`,
    }))

  it('gives out the sum where others read it', () =>
    checkRule(fuseSkipNorm, {
      before: `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y, r)
a = Add(x, z)
y = lathe.Norm(a, float32[8]) {kind: "layer", axis: -1, epsilon: 0.001}
r = Relu(a)`,
      after: `y, _, _, s = com.microsoft.SkipLayerNormalization(x, z, float32[8]) {epsilon: 0.001}
r = Relu(s)`,
    }))

  it('leaves a sum that broadcasts', () =>
    checkRejects(
      fuseSkipNorm,
      `(x: float32[2, 5, 8], z: float32[8]) -> (y)
a = Add(x, z)
y = LayerNormalization(a, float32[8])`,
      'what is added has another shape',
    ))
})
