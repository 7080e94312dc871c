import { describe, it } from 'vitest'
import { lowerNorm } from '../../../../core/targets/ort/lower-norm.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('lower-norm', () => {
  it('writes LayerNormalization', () =>
    checkRule(lowerNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}
`,
      after: `y = LayerNormalization(x, float32[8]) {axis: -1, epsilon: 0.001}`,
      opsets: 'opset 17',
    }))

  it('writes SimplifiedLayerNormalization', () =>
    checkRule(lowerNorm, {
      before: `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x) {axis: -1, epsilon: 0.001, kind: "rms"}
`,
      after: `y = SimplifiedLayerNormalization(x, float32[8]) {axis: -1, epsilon: 0.001, stash_type: 1}`,
    }))

  it('leaves it to its definition where the standard does not know the operator yet', () =>
    checkRejects(
      lowerNorm,
      `(x: float32[2, 5, 8]) -> (y)
y = lathe.Norm(x, float32[8]) {axis: -1, epsilon: 0.001, kind: "layer"}`,
      'it would have to be 17',
      'opset 13',
    ))
})
