import { describe, it } from 'vitest'
import { fuseConvActivation } from '../../../../core/targets/ort/fuse-conv-activation.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-conv-activation', () => {
  it('joins a Relu', () =>
    checkRule(fuseConvActivation, {
      before: `(x: float32[1, 4, 5, 5]) -> (y)
c = Conv(x, float32[6, 4, 3, 3], float32[6]) {pads: [1, 1, 1, 1]}
y = Relu(c)`,
      after: `y = com.microsoft.FusedConv(x, float32[6, 4, 3, 3], float32[6]) {activation: "Relu", pads: [1, 1, 1, 1]}`,
    }))

  it('joins a Clip with its bounds', () =>
    checkRule(fuseConvActivation, {
      before: `(x: float32[1, 4, 5, 5]) -> (y)
c = Conv(x, float32[6, 4, 3, 3])
y = Clip(c, float32 0.0, float32 0.5)`,
      after: `y = com.microsoft.FusedConv(x, float32[6, 4, 3, 3]) {activation: "Clip", activation_params: [0.0, 0.5]}`,
    }))

  it('joins a residual sum', () =>
    checkRule(fuseConvActivation, {
      before: `(x: float32[1, 4, 5, 5], z: float32[1, 6, 3, 3]) -> (y)
c = Conv(x, float32[6, 4, 3, 3])
a = Add(z, c)
y = Relu(a)`,
      after: `y = com.microsoft.FusedConv(x, float32[6, 4, 3, 3], _, z) {activation: "Relu"}`,
    }))

  it('leaves a residual that broadcasts', () =>
    checkRejects(
      fuseConvActivation,
      `(x: float32[1, 4, 5, 5], z: float32[6, 1, 1]) -> (y)
c = Conv(x, float32[6, 4, 3, 3])
a = Add(z, c)
y = Relu(a)`,
      'the residual has another shape',
    ))
})
