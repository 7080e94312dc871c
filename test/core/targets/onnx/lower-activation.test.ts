import { describe, it } from 'vitest'
import { lowerActivation } from '../../../../core/targets/onnx/lower-activation.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lower-activation', () => {
  it('writes Gelu', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu"}`,
      after: `y = Gelu(x)`,
    }))

  it('writes its tanh form', () =>
    checkRule(lowerActivation, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu-tanh"}`,
      after: `y = Gelu(x) {approximate: "tanh"}`,
    }))

  it('wants a newer operator set', () =>
    checkRejects(
      lowerActivation,
      `(x: float32[2, 5, 8]) -> (y)
y = lathe.Activation(x) {kind: "gelu"}`,
      'it would have to be 20',
      'opset 17',
    ))
})
