import { describe, it } from 'vitest'
import { lowerActivation } from '../../../../core/targets/tflite/lower-activation.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('lower-activation', () => {
  it('writes the contrib Gelu in old operator sets', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu"}`,
      after: `y = com.microsoft.Gelu(x)`,
      opsets: 'opset 17, com.microsoft 1',
    }))

  it('writes the standard Gelu in its tanh form where there is one', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu-tanh"}`,
      after: `y = Gelu(x) {approximate: "tanh"}`,
    }))
})
