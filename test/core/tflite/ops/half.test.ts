import { expect, test } from 'vitest'
import { agreement } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

test('floats of 16 bits are computed in 32, with constants and borders', async () => {
  const { relative } = await agreement(
    modelOf(`opset 18
(x: float16[2, 8]) -> (y: float16[2, 4])
w = float16[8, 4]
b = float16[4]
p = MatMul(x, w)
s = Add(p, b)
y = Relu(s)`),
  )
  expect(relative).toBeLessThan(2e-3)
})

test('what is cast to 16 bits and back goes on in 32', async () => {
  const { relative, operators } = await agreement(
    modelOf(`opset 18
(x: float32[2, 8]) -> (y: float32[2, 8])
h = Cast(x) {to: 10}
n = Neg(h)
y = Cast(n) {to: 1}`),
  )
  expect(relative).toBeLessThan(2e-3)
  expect(operators).toEqual(['NEG'])
})
