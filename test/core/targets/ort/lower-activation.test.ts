import { describe, it } from 'vitest'
import { lowerActivation } from '../../../../core/targets/ort/lower-activation.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('lower-activation', () => {
  it('writes the contrib Gelu in old operator sets', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu"}`,
      after: `y = com.microsoft.Gelu(x)`,
      opsets: 'opset 17, com.microsoft 1',
    }))

  it('writes FastGelu', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu-tanh"}`,
      after: `y = com.microsoft.FastGelu(x)`,
    }))

  it('writes QuickGelu', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "silu", alpha: 1.0}`,
      after: `y = com.microsoft.QuickGelu(x) {alpha: 1.0}`,
    }))
})
