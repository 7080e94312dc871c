import { expect, it } from 'vitest'
import { targetNotes } from '../../../core/targets/target-notes.ts'
import { modelOf } from '../../support/graph.ts'

const model = modelOf(`opset 21
  (x: float32[2, 8], c: bool) -> (y)
  a = com.microsoft.FastGelu(x)
  y = If(c) {
    then_branch: { () -> (b)
      b = com.microsoft.QuickGelu(a) },
    else_branch: { () -> (d)
      d = Relu(a) }
  }`)

it('what is outside of a target is told, in branches too, and that the target did not run it', () => {
  expect(targetNotes(model, 'onnx')).toEqual([
    '2 nodes are outside of the operator rules of the target onnx: com.microsoft.FastGelu is no operator of the ONNX standard; com.microsoft.QuickGelu is no operator of the ONNX standard.',
  ])
  expect(targetNotes(model, 'tensorrt')[0]).toMatch(/^2 nodes are outside .* Not run with TensorRT\.$/)
})

it('a model that keeps to the rules is not run with TensorRT or LiteRT either', () => {
  const plain = modelOf('opset 18\n(x: float32[2, 8]) -> (y)\ny = Relu(x)')
  expect(targetNotes(plain, 'onnx')).toEqual([])
  expect(targetNotes(plain, 'tflite')).toEqual(['All nodes keep to the operator rules of the target tflite. Not run with LiteRT.'])
})
