import { describe, it } from 'vitest'
import { lowerNorm } from '../../../../core/targets/onnx/lower-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lower-norm', () => {
  it('writes LayerNormalization, with ones where there is no scale', () =>
    checkRule(lowerNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
`,
      after: `y = LayerNormalization(x, float32[8]) {axis: -1, epsilon: 0.001}`,
    }))

  it('writes RMSNormalization', () =>
    checkRule(lowerNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "rms"}
`,
      after: `y = RMSNormalization(x, float32[8]) {axis: -1, epsilon: 0.001}`,
      opsets: 'opset 23',
    }))

  it('wants a newer operator set', () =>
    checkRejects(
      lowerNorm,
      `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "layer"}
`,
      'the operator set is 13, it would have to be 17',
      'opset 13',
    ))
})
