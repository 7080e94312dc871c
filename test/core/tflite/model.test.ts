import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyModel } from '../../../core/ir/verify.ts'
import { isTflite, modelOfFile } from '../../../core/tflite/model.ts'
import { converted, frozen } from '../../support/check-tflite.ts'
import { problemFrom, testEngine } from '../../support/engine.ts'
import { modelOf } from '../../support/graph.ts'
import { encodeFile } from '../../support/tflite-bytes.ts'

const quantized = `opset 17
(x: float32[1, 3, 8, 8]) -> (y: float32[1, 4, 8, 8])
s = float32[] {0.05}
z = int8[] {3}
q = QuantizeLinear(x, s, z)
d = DequantizeLinear(q, s, z)
wq = int8[4, 3, 1, 1]
ws = float32[4] {0.1, 0.2, 0.3, 0.4}
w = DequantizeLinear(wq, ws) {axis: 0}
c = Conv(d, w)
r = Relu(c)
p = QuantizeLinear(r, s, z)
y = DequantizeLinear(p, s, z)`

const bytesOf = (text: string) => encodeFile(converted(frozen(modelOf(text))).file)

describe('a .tflite file as a model to look at', () => {
  const model = modelOfFile(bytesOf(quantized), '/somewhere/a.tflite')

  it('has the operators with their options, and follows the rules of a graph', () => {
    expect(isTflite(model)).toBe(true)
    expect(verifyModel(model)).toEqual([])
    const convolution = model.graph.nodes.find(({ opType }) => opType === 'CONV_2D')
    expect(convolution?.attributes.get('padding')).toEqual({ type: 'string', value: 'VALID' })
    expect(convolution?.attributes.get('activation')).toEqual({ type: 'string', value: 'RELU' })
    expect(convolution?.attributes.get('version')).toEqual({ type: 'int', value: 3 })
  })

  it('has types, weights and the grids of quantized tensors', () => {
    const convolution = model.graph.nodes.find(({ opType }) => opType === 'CONV_2D')
    expect(convolution?.outputs[0]?.type).toEqual({ kind: 'tensor', dtype: 'int8', shape: [1, 8, 8, 4] })
    expect(convolution?.inputs[1]?.constant?.ref).toMatchObject({ dtype: 'int8', dims: [4, 1, 1, 3] })
    expect(convolution?.attributes.get('output 0 quantization')).toEqual({ type: 'string', value: 'scale 0.0500000, zero point 3' })
    expect(convolution?.attributes.get('input 1 quantization')).toMatchObject({ value: expect.stringContaining('4 scales along axis 0') })
  })

  it('is refused in a sentence when it is cut off', () => {
    expect(() => modelOfFile(bytesOf(quantized).subarray(0, 300), '/somewhere/b.tflite')).toThrow('The .tflite file is damaged')
  })
})

describe('the engine and a .tflite file', async () => {
  const engine = await testEngine()
  const [a, b] = ['a.tflite', 'b.tflite'].map((name) => join(engine.folder, name)) as [string, string]
  writeFileSync(a, bytesOf('(x: float32[1, 4]) -> (y: float32[1, 4])\na = Neg(x)\ny = Abs(a)'))
  writeFileSync(b, bytesOf('(x: float32[1, 4]) -> (y: float32[1, 4])\na = Neg(x)\nb = Abs(a)\ny = Sqrt(b)'))

  it('inspects it and tells two apart', async () => {
    const { ops, model } = await engine.inspect({ model: a })
    expect(ops).toEqual({ 'tflite.NEG': 1, 'tflite.ABS': 1 })
    expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [1, 4] }])
    const { summary } = await engine.diff({ a: { model: a }, b: { model: b } })
    expect(summary).toMatchObject({ same: 2, added: 1, removed: 0 })
  })

  it('shows its graph', async () => {
    const { model } = await engine.open({ path: a })
    const view = await engine.graphView({ model })
    expect(view.nodes.map(({ opType }) => opType)).toEqual(['NEG', 'ABS'])
    const passes = await engine.wouldChange({ model })
    expect(passes.every(({ nodes }) => nodes === 0)).toBe(true)
  })

  it('says that it can neither be run nor rewritten', async () => {
    expect(await problemFrom(engine.bench({ models: [a] }))).toMatchObject({ code: 'tflite-only-shown', where: { file: a } })
    expect(await problemFrom(engine.export({ model: a, format: 'onnx', out: `${b}.onnx` }))).toMatchObject({ code: 'tflite-only-shown' })
    expect(await problemFrom(engine.run({ model: a, pipeline: 'safe' }))).toMatchObject({ code: 'tflite-only-shown' })
  })
})
