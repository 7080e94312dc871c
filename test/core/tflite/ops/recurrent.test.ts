import { expect, test } from 'vitest'
import { agreement } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

test.each([
  ['LSTM', 16, 'forward'],
  ['LSTM', 16, 'bidirectional'],
  ['GRU', 12, 'reverse'],
])('%s of %i gate rows, %s', async (operator, rows, direction) => {
  const count = direction === 'bidirectional' ? 2 : 1
  const { relative } = await agreement(
    modelOf(`opset 17
(x: float32[5, 1, 3]) -> (y: float32[5, ${count}, 1, 4])
w = float32[${count}, ${rows}, 3]
r = float32[${count}, ${rows}, 4]
b = float32[${count}, ${rows * 2}]
y = ${operator}(x, w, r, b) {hidden_size: 4, direction: "${direction}"}`),
  )
  expect(relative).toBeLessThan(1e-5)
})
