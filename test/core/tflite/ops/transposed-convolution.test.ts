import { expect, test } from 'vitest'
import { agreement } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

test('groups, padding and output padding of a transposed convolution', async () => {
  const { relative, operators } = await agreement(
    modelOf(`opset 17
(x: float32[1, 4, 5, 5]) -> (y: float32[1, 6, 10, 10])
w = float32[4, 3, 3, 3]
b = float32[6]
y = ConvTranspose(x, w, b) {group: 2, strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1]}`),
  )
  expect(operators.filter((operator) => operator === 'TRANSPOSE_CONV')).toHaveLength(2)
  expect(relative).toBeLessThan(1e-5)
})
