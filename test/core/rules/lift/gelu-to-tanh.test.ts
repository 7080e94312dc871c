import { expect, it } from 'vitest'
import { drive } from '../../../../core/rewrite/drive.ts'
import { geluToTanh } from '../../../../core/rules/lift/gelu-to-tanh.ts'
import { checkRejects } from '../../../support/check-rule.ts'
import { modelOf, modelText } from '../../../support/graph.ts'

it('approximates the operator of the standard, that of onnxruntime and the canonical one', () => {
  for (const call of ['Gelu(x)', 'com.microsoft.Gelu(x)', 'lathe.Activation(x) {kind: "gelu"}']) {
    const model = modelOf(`opset 20, com.microsoft 1, lathe 1\n(x: float32[4]) -> (y)\ny = ${call}`)
    drive(model, [geluToTanh])
    expect(modelText(model).split('\n').at(-1)).toBe('y = lathe.Activation(x) {kind: "gelu-tanh"}')
  }
})

it('leaves other activations', () =>
  checkRejects(geluToTanh, '(x: float32[4]) -> (y)\ny = Gelu(x) {approximate: "tanh"}', 'the approximation already'))
