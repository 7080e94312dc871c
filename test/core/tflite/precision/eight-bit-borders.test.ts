import { expect, test } from 'vitest'
import { convert } from '../../../../core/tflite/convert.ts'
import { portableTwin } from '../../../../core/tflite/portable.ts'
import { agreement, converted, frozen, runLiteRt } from '../../../support/check-tflite.ts'
import { modelOf } from '../../../support/graph.ts'
import { feedsFor } from '../../../support/run-model.ts'

const text = `opset 17
(x: float32[1, 8], side: float32[1, 8]) -> (y: float32[1, 8], s: float32[1, 8])
s0 = float32[] {0.05}
z0 = int8[] {3}
q = QuantizeLinear(x, s0, z0)
d = DequantizeLinear(q, s0, z0)
a = Add(d, d)
s1 = float32[] {0.1}
z1 = int8[] {-7}
p = QuantizeLinear(a, s1, z1)
y = DequantizeLinear(p, s1, z1)
s = Neg(side)`

test('what computes in 8 bits takes and gives 8 bits, with its scales; float parts keep float borders', async () => {
  const model = frozen(modelOf(text))
  const { converted } = convert(model, { nhwc: false, borders: 'int8' })
  const [main] = converted?.file.subgraphs ?? []
  const tensors = [...(main?.inputs ?? []), ...(main?.outputs ?? [])].map((index) => main?.tensors[index])
  expect(tensors.map((tensor) => [tensor?.name, tensor?.dtype, tensor?.quantization?.zeroPoint])).toEqual([
    ['x', 'int8', [3]],
    ['side', 'float32', undefined],
    ['y', 'int8', [-7]],
    ['s', 'float32', undefined],
  ])
  expect(main?.operators.map(({ operator }) => operator)).toEqual(['ADD', 'NEG'])
})

test('its twin with float borders gives what the model gives', async () => {
  const model = frozen(modelOf(text))
  const { converted } = convert(model, { nhwc: false, borders: 'int8' })
  if (converted === null) throw new Error('not converted')
  const twin = portableTwin(converted)
  expect(twin.inputs.map(({ to }) => to)).toEqual(['float32', 'float32'])
  expect(Object.keys(await runLiteRt(twin, feedsFor(model)))).toEqual(['y', 's'])
  // One step of the scale, where a sum lies halfway between two.
  expect((await agreement(modelOf(text), { borders: 'int8' })).relative).toBeLessThanOrEqual(0.1001)
})

test('bool borders are cast in the twin', async () => {
  const { relative } = await agreement(modelOf('(a: bool[4], b: bool[4]) -> (y: bool[4])\ny = And(a, b)'))
  expect(relative).toBe(0)
})

test.each([
  ['uint8', 128],
  ['int8', 3],
])('borders of %s that the model has itself hold its very numbers', async (dtype, zero) => {
  const model = modelOf(`opset 17
(x: ${dtype}[1, 3, 8, 8]) -> (y: ${dtype}[1, 4, 6, 6])
s = float32[] {0.05}
z = ${dtype}[] {${zero}}
d = DequantizeLinear(x, s, z)
wq = int8[4, 3, 3, 3]
ws = float32[4] {0.1, 0.2, 0.3, 0.4}
w = DequantizeLinear(wq, ws) {axis: 0}
c = Conv(d, w)
o = float32[] {0.06}
y = QuantizeLinear(c, o, z)`)
  const { file } = converted(frozen(model))
  const [main] = file.subgraphs
  const borders = [...(main?.inputs ?? []), ...(main?.outputs ?? [])].map((at) => main?.tensors[at])
  expect(borders.map((each) => [each?.dtype, each?.quantization?.zeroPoint])).toEqual([
    [dtype, [zero]],
    [dtype, [zero]],
  ])
  const { relative, operators } = await agreement(model)
  expect(operators).not.toContain('DEQUANTIZE')
  // One step, where a result lies halfway between two.
  expect(relative).toBeLessThan(0.1)
})
