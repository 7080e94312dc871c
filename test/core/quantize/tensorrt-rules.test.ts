import { describe, expect, it } from 'vitest'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { tensorrtBreaches } from '../../../core/quantize/tensorrt-rules.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()

describe('static quantization for TensorRT', async () => {
  const normal = normals(seeded('tensorrt'))
  const data = await madeUpData(shop, { name: 'x', dims: [4, 8, 8], count: 16 }, () => normal())
  const model = modelOf(`(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 10])
    a = Conv(x, float32[8, 4, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
    b = Relu(a)
    c = Conv(b, float32[8, 8, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
    d = Add(b, c)
    e = Relu(d)
    f = GlobalAveragePool(e)
    g = Flatten(f)
    y = Gemm(g, float32[10, 8], float32[10]) {transB: 1}`)
  const context = { ...shop.context(data), target: 'tensorrt' as const }
  const { parts, notes } = await quantizeStatic.run(model.fork(), quantizeStatic.options.parse({}), context)
  const result = parts[0]!

  it('keeps to its rules, and says that it was not run', () => {
    expect(tensorrtBreaches(result)).toEqual([])
    expect(notes?.join(' ')).toMatch(/not run.*trtexec --onnx=model\.onnx/)
  })

  it('quantizes what operators with weights read, and the shortcut, and leaves biases in float', () => {
    const quantized = result.graph.nodes
      .filter(({ opType }) => opType === 'QuantizeLinear')
      .map(({ inputs }) => inputs[0]!.producer?.opType ?? 'input')
    expect(quantized.sort()).toEqual(['Flatten', 'Relu', 'input'])
    const add = result.graph.nodes.find(({ opType }) => opType === 'Add')!
    expect(add.inputs.map((value) => value!.producer!.opType)).toEqual(['DequantizeLinear', 'Conv'])
    expect(result.graph.initializers.some(({ initializer }) => initializer!.ref.dtype === 'int32')).toBe(false)
  })

  it('computes nearly what the float model does', async () => {
    const [before, after] = [
      await shop.outputs(model, data.evaluation!),
      await shop.outputs(result, data.evaluation!, { level: 'disabled' }),
    ]
    expect(sqnr(before, after)).toBeGreaterThan(25)
  })
})

it.each([
  ['q = QuantizeLinear(x, float32 0.1, int8 3)\n d = DequantizeLinear(q, float32 0.1, int8 3)', /zero point that is not 0/],
  ['q = QuantizeLinear(x, float32 0.1, uint8 0)\n d = DequantizeLinear(q, float32 0.1, uint8 0)', /uint8 values: only int8 is known/],
  [
    'q = QuantizeLinear(x, float32[4] ones, int8[4] zeros) {axis: 1}\n d = DequantizeLinear(q, float32[4] ones, int8[4] zeros) {axis: 1}',
    /scale for each channel/,
  ],
  ['q = QuantizeLinear(x, float32 0.0, int8 0)\n d = DequantizeLinear(q, float32 0.0, int8 0)', /not a positive number/],
])('a breach is told: %s', (quantizers, sentence) => {
  expect(tensorrtBreaches(modelOf(`(x: float32[2, 4]) -> (y: float32[2, 4])\n${quantizers}\n y = Relu(d)`)).join(' ')).toMatch(sentence)
})

it('weights have their scales on the output channels', () => {
  const model = modelOf(`(x: float32[1, 4, 3, 3]) -> (y: float32[1, 4, 1, 1])
    w = DequantizeLinear(int8[4, 4, 3, 3], float32[4] ones, int8[4] zeros) {axis: 1}
    y = Conv(x, w)`)
  expect(tensorrtBreaches(model).join(' ')).toMatch(/axis that is not the output channels/)
})
