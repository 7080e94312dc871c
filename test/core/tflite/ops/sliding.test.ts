import { expect, test } from 'vitest'
import { agreement } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

test.each([
  'MaxPool(x) {kernel_shape: [3], strides: [2], pads: [1, 1]}',
  'AveragePool(x) {kernel_shape: [3], strides: [2], pads: [1, 1]}',
  'AveragePool(x) {kernel_shape: [3], strides: [2], pads: [1, 1], count_include_pad: 1}',
])('%s over one axis', async (pooling) => {
  const { relative } = await agreement(modelOf(`opset 17\n(x: float32[1, 3, 9]) -> (y: float32[1, 3, 5])\ny = ${pooling}`))
  expect(relative).toBeLessThan(1e-5)
})
