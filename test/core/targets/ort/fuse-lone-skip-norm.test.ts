import { describe, it } from 'vitest'
import { fuseLoneSkipNorm } from '../../../../core/targets/ort/fuse-lone-skip-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, 5, 8], z: float32[2, 5, 8]) -> (y)
a = Add(x, z)
y = LayerNormalization(a, float32[8], float32[8]) {axis: -1}`

describe('fuse-lone-skip-norm', () => {
  it('takes the residual sum in', () =>
    checkRule(fuseLoneSkipNorm, {
      before,
      after: 'y = com.microsoft.SkipLayerNormalization(x, z, float32[8], float32[8]) {epsilon: 0.00001}',
    }))

  it('leaves a sum that others read, as the runtime does', () =>
    checkRejects(
      fuseLoneSkipNorm,
      before.replace('-> (y)', '-> (y, r)').replace('a = Add(x, z)', 'a = Add(x, z)\nr = Relu(a)'),
      'the result of Add is also read by a Relu',
    ))
})
