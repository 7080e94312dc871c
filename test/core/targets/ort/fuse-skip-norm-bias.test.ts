import { describe, it } from 'vitest'
import { fuseSkipNormBias } from '../../../../core/targets/ort/fuse-skip-norm-bias.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-skip-norm-bias', () => {
  it('takes the bias of the projection in, and still gives out the sum', () =>
    checkRule(fuseSkipNormBias, {
      before: `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y, r)
p = MatMul(x, float32[8, 8])
a = Add(p, float32[8])
y, _, _, s = com.microsoft.SkipLayerNormalization(z, a, float32[8], float32[8]) {epsilon: 0.00001}
r = Relu(s)`,
      after: `p = MatMul(x, float32[8, 8])
y, _, _, s = com.microsoft.SkipLayerNormalization(p, z, float32[8], float32[8], float32[8]) {epsilon: 0.00001}
r = Relu(s)`,
    }))

  it('leaves a sum that others read', () =>
    checkRejects(
      fuseSkipNormBias,
      `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y, a)
a = Add(x, float32[8])
y = com.microsoft.SkipLayerNormalization(z, a, float32[8], float32[8])`,
      'neither addend is a projection',
    ))
})
