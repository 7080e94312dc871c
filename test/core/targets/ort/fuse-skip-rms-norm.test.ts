import { describe, it } from 'vitest'
import { fuseSkipRmsNorm } from '../../../../core/targets/ort/fuse-skip-rms-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-skip-rms-norm', () => {
  it('takes the residual sum in, and gives it out where others read it', () =>
    checkRule(fuseSkipRmsNorm, {
      before: `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y, r)
a = Add(x, z)
y = lathe.Norm(a, float32[8]) {kind: "rms", axis: -1, epsilon: 0.001}
r = Relu(a)`,
      after: `y, _, _, s = com.microsoft.SkipSimplifiedLayerNormalization(x, z, float32[8]) {epsilon: 0.001}
r = Relu(s)`,
    }))

  it('leaves half floats, for which there is no kernel', () =>
    checkRejects(
      fuseSkipRmsNorm,
      `(x: float16[2, 5, 8], z: float16[2, 5, 8]) -> (y)
a = Add(x, z)
y = lathe.Norm(a, float16[8]) {kind: "rms", axis: -1, epsilon: 0.001}`,
      'it is not in float32',
    ))
})
