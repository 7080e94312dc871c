import { expect, test } from 'vitest'
import { agreement } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'

test('a quantized sum with its Relu is one 8-bit kernel', async () => {
  const { relative, operators } = await agreement(
    modelOf(`opset 17
(x: float32[1, 8]) -> (y: float32[1, 8])
s = float32[] {0.05}
z = int8[] {3}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
a = Add(d, d)
r = Relu(a)
p = QuantizeLinear(r, s, z)
y = DequantizeLinear(p, s, z)`),
  )
  expect(operators).toEqual(['QUANTIZE', 'ADD', 'DEQUANTIZE'])
  // One step of the scale, where a sum lies halfway between two.
  expect(relative).toBeLessThanOrEqual(0.0501)
})

test('weights and biases that only dequantize are floats when the sum is', async () => {
  const { relative } = await agreement(
    modelOf(`opset 17
(x: float32[1, 2]) -> (y: float32[1, 3])
wq = int8[2, 3] {1, -2, 3, -4, 5, -6}
ws = float32[] {0.5}
w = DequantizeLinear(wq, ws)
bq = int32[3] {100, -200, 300}
bs = float32[] {0.01}
b = DequantizeLinear(bq, bs)
y = Gemm(x, w, b)`),
  )
  expect(relative).toBeLessThan(1e-5)
})
