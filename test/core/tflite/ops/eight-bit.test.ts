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

test('quantizers of the domain of onnxruntime are those of the standard', async () => {
  const { operators } = await agreement(
    modelOf(`opset 17, com.microsoft 1
(x: float32[1, 8]) -> (y: float32[1, 8])
s = float32[] {0.05}
z = uint8[] {131}
q = com.microsoft.QuantizeLinear(x, s, z)
d = com.microsoft.DequantizeLinear(q, s, z)
r = Relu(d)
p = com.microsoft.QuantizeLinear(r, s, z)
y = com.microsoft.DequantizeLinear(p, s, z)`),
  )
  expect(operators).toEqual(['QUANTIZE', 'RELU', 'DEQUANTIZE'])
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

test.each([
  ['Conv(x, w, b) {pads: [1, 1, 1, 1]}', '1, 4, 6, 6', 'wq = int8[4, 8, 3, 3]', 0, 4, 'CONV_2D'],
  ['Conv(x, w) {group: 8}', '1, 8, 4, 4', 'wq = int8[8, 1, 3, 3]', 0, 8, 'DEPTHWISE_CONV_2D'],
  ['ConvTranspose(x, w, b) {strides: [2, 2]}', '1, 4, 13, 13', 'wq = int8[8, 4, 3, 3]', 1, 4, 'TRANSPOSE_CONV'],
])('%s with 8-bit weights alone is a float kernel', async (call, dims, weights, axis, count, operator) => {
  const scales = Array.from({ length: count }, (_, i) => (i + 1) / 16).join(', ')
  const { relative, operators } = await agreement(
    modelOf(`opset 17
(x: float32[1, 8, 6, 6]) -> (y: float32[${dims}])
${weights}
s = float32[${count}] {${scales}}
w = DequantizeLinear(wq, s) {axis: ${axis}}
b = float32[4]
y = ${call}`),
  )
  expect(operators).toContain(operator)
  expect(relative).toBeLessThan(1e-5)
})

test.each([
  ['', '1, 4, 13, 13'],
  [', pads: [1, 1, 1, 1], output_padding: [1, 1]', '1, 4, 12, 12'],
])('a transposed convolution in 8 bits is one kernel%s', async (options, dims) => {
  const { relative, operators } = await agreement(
    modelOf(`opset 17
(x: float32[1, 8, 6, 6]) -> (y: float32[${dims}])
s = float32[] {0.05}
z = int8[] {3}
o = float32[] {0.2}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
wq = int8[8, 4, 3, 3]
ws = float32[4] {0.1, 0.2, 0.3, 0.4}
w = DequantizeLinear(wq, ws) {axis: 1}
b = float32[4]
c = ConvTranspose(d, w, b) {strides: [2, 2]${options}}
p = QuantizeLinear(c, o, z)
y = DequantizeLinear(p, o, z)`),
  )
  expect(operators.filter((each) => each.endsWith('QUANTIZE'))).toHaveLength(2)
  expect(operators).toContain('TRANSPOSE_CONV')
  expect(relative).toBeLessThanOrEqual(0.2001)
})

/** What a kernel gives in 8 bits may be a step off where a result lies halfway between two. */
const step = 0.0501

const kernels: readonly (readonly [call: string, dims: string, operator: string, before?: string])[] = [
  ['Relu(d)', '1, 8, 6, 6', 'RELU'],
  ['LeakyRelu(d) {alpha: 0.3}', '1, 8, 6, 6', 'LEAKY_RELU'],
  ['HardSwish(d)', '1, 8, 6, 6', 'HARD_SWISH'],
  ['Add(d, d)', '1, 8, 6, 6', 'ADD'],
  ['Mul(d, d)', '1, 8, 6, 6', 'MUL'],
  ['GlobalAveragePool(d)', '1, 8, 1, 1', 'MEAN'],
  ['ReduceMean(d, a)', '1, 8, 1, 1', 'MEAN', 'a = int64[2] {2, 3}'],
  ['MaxPool(d) {kernel_shape: [2, 2], strides: [2, 2]}', '1, 8, 3, 3', 'MAX_POOL_2D'],
  ['AveragePool(d) {kernel_shape: [2, 2], strides: [2, 2]}', '1, 8, 3, 3', 'AVERAGE_POOL_2D'],
  ['Resize(d, e, k)', '1, 8, 12, 12', 'RESIZE_NEAREST_NEIGHBOR', 'e = float32[0]\nk = float32[4] {1, 1, 2, 2}'],
  ['DepthToSpace(d) {blocksize: 2, mode: "CRD"}', '1, 2, 12, 12', 'TRANSPOSE'],
  ['Concat(d, d) {axis: 1}', '1, 16, 6, 6', 'CONCATENATION'],
  ['Transpose(d) {perm: [0, 2, 3, 1]}', '1, 6, 6, 8', 'TRANSPOSE'],
  ['Reshape(d, r)', '8, 36', 'RESHAPE', 'r = int64[2] {8, 36}'],
  ['MatMul(d, d)', '1, 8, 6, 6', 'BATCH_MATMUL'],
]

for (const [call, dims, operator, before = ''] of kernels) {
  test(`${call} computes in 8 bits`, async () => {
    const { relative, operators } = await agreement(
      modelOf(`opset 18
(x: float32[1, 8, 6, 6]) -> (y: float32[${dims}])
s = float32[] {0.05}
z = int8[] {3}
${before}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
t = ${call}
p = QuantizeLinear(t, s, z)
y = DequantizeLinear(p, s, z)`),
    )
    expect(operators.filter((each) => each === 'DEQUANTIZE')).toHaveLength(1)
    expect(operators.filter((each) => each === 'QUANTIZE').length).toBeLessThanOrEqual(1)
    if (!call.startsWith('Transpose')) expect(operators).toContain(operator)
    expect(relative).toBeLessThanOrEqual(step)
  })
}

test.each([
  [1 / 256, -128, ['QUANTIZE', 'LOGISTIC', 'DEQUANTIZE']],
  [1 / 200, -128, ['LOGISTIC', 'QUANTIZE', 'DEQUANTIZE']],
])('a sigmoid on a grid of %f from %i is the 8-bit kernel only where that is the kernel’s own', async (scale, zero, expected) => {
  const { relative, operators } = await agreement(
    modelOf(`opset 17
(x: float32[1, 64]) -> (y: float32[1, 64])
s = float32[] {0.05}
z = int8[] {3}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
a = Sigmoid(d)
t = float32[] {${scale}}
v = int8[] {${zero}}
p = QuantizeLinear(a, t, v)
y = DequantizeLinear(p, t, v)`),
  )
  expect(operators.filter((name) => expected.includes(name)).slice(-expected.length)).toEqual(expected)
  expect(relative).toBeLessThanOrEqual(scale * 1.01)
})

test('parts of what is in 8 bits are in 8 bits', async () => {
  const { relative, operators } = await agreement(
    modelOf(`opset 18
(x: float32[1, 8]) -> (y: float32[1, 4])
s = float32[] {0.05}
z = int8[] {3}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
a, b = Split(d) {axis: 1, num_outputs: 2}
c = Add(a, b)
p = QuantizeLinear(c, s, z)
y = DequantizeLinear(p, s, z)`),
  )
  expect(operators).toEqual(['QUANTIZE', 'SPLIT_V', 'ADD', 'DEQUANTIZE'])
  expect(relative).toBeLessThanOrEqual(0.0501)
})
