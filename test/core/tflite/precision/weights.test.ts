import { expect, test } from 'vitest'
import { tfliteWeights } from '../../../../core/api/requests.ts'
import { openLiteRt } from '../../../../core/runtime/litert.ts'
import { agreement, converted, frozen } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'
import { encodeFile } from '../../../support/tflite-bytes.ts'

const mixed = `opset 20
(ids: int64[1, 4], x: float32[1, 3, 16, 16]) -> (y: float32[1, 4, 64], z: float32[1, 32, 16, 16], d: float32[1, 32, 16, 16])
table = float32[64, 32]
rows = Gather(table, ids)
w = float32[32, 64]
y = MatMul(rows, w)
k = float32[32, 3, 5, 5]
z = Conv(x, k) {pads: [2, 2, 2, 2]}
deep = float32[32, 1, 7, 7]
d = Conv(z, deep) {pads: [3, 3, 3, 3], group: 32}`

/** How far from float the same weights may be in each form, on these sums of up to 75 products of N(0, 1). */
const farthest = { float32: 1e-5, float16: 5e-3, int8: 0.1, int4: 0.8 } as const

test.each(tfliteWeights)('%s weights run in LiteRT, near to what float gives', async (weights) => {
  const { relative } = await agreement(modelOf(mixed), { weights })
  expect(relative).toBeLessThan(farthest[weights])
  if (weights !== 'float32') expect(relative).toBeGreaterThan(0)
})

test('each form is smaller than the one before it', () => {
  const sizes = tfliteWeights.map((weights) => encodeFile(converted(frozen(modelOf(mixed)), { weights }).file).byteLength)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect(sizes[1]).toBeLessThan(0.65 * (sizes[0] as number))
  expect(sizes[2]).toBeLessThan(0.45 * (sizes[0] as number))
})

test('kernels take 8- and 4-bit weights as they are: none is widened but the table', async () => {
  const { operators } = await agreement(modelOf(mixed), { weights: 'int4' })
  expect(operators.filter((operator) => operator === 'DEQUANTIZE')).toHaveLength(1)
})

const eightBitMatrix = `opset 21
(x: float32[2, 64]) -> (y: float32[2, 32])
wq = int8[64, 32]
ws = float32[32] {0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25, 0.125, 0.5, 0.25}
w = DequantizeLinear(wq, ws) {axis: 1}
b = float32[32]
y = Gemm(x, w, b)`

test('8-bit weights of the model are widened for a float product, and read as they are for a dynamic one', async () => {
  const float = await agreement(modelOf(eightBitMatrix))
  expect(float.operators).toEqual(['DEQUANTIZE', 'FULLY_CONNECTED'])
  expect(float.relative).toBeLessThan(1e-5)
  const dynamic = await agreement(modelOf(eightBitMatrix), { weights: 'int8' })
  expect(dynamic.operators).toEqual(['FULLY_CONNECTED'])
  expect(dynamic.relative).toBeLessThan(0.05)
})

test('weights beyond the range of float16 stay float32', async () => {
  const file = converted(
    frozen(
      modelOf(`(x: float32[1, 8]) -> (y: float32[1, 8])
w = float32[8, 8] {${Array.from({ length: 64 }, (_, i) => (i === 5 ? 70000 : i)).join(', ')}}
y = MatMul(x, w)`),
    ),
    { weights: 'float16' },
  )
  expect(file.file.subgraphs[0]?.operators.map(({ operator }) => operator)).toEqual(['FULLY_CONNECTED'])
  ;(await openLiteRt(encodeFile(file.file))).close()
})

test.each([
  ['int4', 0],
  ['uint4', 7],
])('%s weights of the model are the same numbers in the file', async (dtype, zero) => {
  const { relative, operators } = await agreement(
    modelOf(`opset 21
(x: float32[2, 8]) -> (y: float32[2, 3])
wq = ${dtype}[8, 3] {${Array.from({ length: 24 }, (_, i) => (dtype === 'int4' ? (i % 16) - 8 : i % 16)).join(', ')}}
ws = float32[3] {0.5, 0.25, 0.125}
wz = ${dtype}[3] {${zero}, ${zero}, ${zero}}
w = DequantizeLinear(wq, ws, wz) {axis: 1}
y = MatMul(x, w)`),
  )
  expect(operators).toEqual(['DEQUANTIZE', 'FULLY_CONNECTED'])
  expect(relative).toBeLessThan(1e-5)
})
