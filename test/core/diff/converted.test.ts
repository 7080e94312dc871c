import { expect, it } from 'vitest'
import { diffByStructure } from '../../../core/diff/diff.ts'
import { modelOfFile } from '../../../core/tflite/model.ts'
import { converted } from '../../support/check-tflite.ts'
import { modelOf } from '../../support/graph.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

it('tells what of a model became which operators of its .tflite file', () => {
  const model = modelOf(`opset 17
(x: float32[1, 3, 8, 8]) -> (y: float32[1, 4, 4, 4])
a = Conv(x, float32[4, 3, 3, 3], float32[4]) {pads: [1, 1, 1, 1]}
b = Relu(a)
g = HardSigmoid(b)
m = Mul(b, g)
y = MaxPool(m) {kernel_shape: [2, 2], strides: [2, 2]}`)
  const file = modelOfFile(encodeFile(converted(model).file), 'a.tflite')
  const { pairs, summary } = diffByStructure(model, file)
  expect(summary).toMatchObject({ same: 0, removed: 0 })
  const told = new Map(pairs.map(({ a, why }) => [a.join(' '), why]))
  expect(told.get('#0 #1')).toBe('Conv, Relu became CONV_2D')
  expect(told.get('#2')).toBe('HardSigmoid became MINIMUM')
  expect(told.get('#3')).toBe('Mul became MUL')
  expect(told.get('#4')).toBe('MaxPool became MAX_POOL_2D')
  // A value that two nodes read is no part of either.
  expect(diffByStructure(file, model).summary).toMatchObject({ same: 0, added: 1 })
})
