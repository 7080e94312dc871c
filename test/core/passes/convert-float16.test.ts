import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../../core/ir/model.ts'
import { allNodes } from '../../../core/ir/walk.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { convertFloat16 } from '../../../core/passes/convert-float16.ts'
import { quantizeDynamic } from '../../../core/passes/quantize-dynamic.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, taskScore, workshop } from '../../support/pass-context.ts'

const shop = await workshop()

const floats = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)
const feed = (dims: readonly number[], value: (i: number) => number) => {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i))
  return { dtype: 'float32' as const, dims, data: new Uint8Array(values.buffer) }
}

/** Both versions on the same input; how far apart they are. */
async function error(model: Model, options: object, x = feed([4, 8], (i) => Math.sin(i))): Promise<number> {
  const { parts } = await shop.run(convertFloat16, model, options)
  const [before, after] = [await shop.context().execute(model, { x }, ['y']), await shop.context().execute(parts[0]!, { x }, ['y'])]
  return sqnr(floats(before.y!.data), floats(after.y!.data))
}

const typesOf = async (text: string, options: object = {}) =>
  modelText((await shop.run(convertFloat16, modelOf(text), options)).parts[0]!, { names: 'canonical' })

describe('arithmetic in float16', () => {
  it('keeps float32 at the borders, with a cast inside', async () => {
    expect(await typesOf('(x: float32[2, 4]) -> (y: float32[2, 4])\nh = MatMul(x, float32[4, 4])\ny = Relu(h)')).toMatchInlineSnapshot(`
      "opset 21, com.microsoft 1
      (x: float32[2, 4]) -> (y: float32[2, 4])
      %1 = Cast(x) {to: 10}
      %2 = MatMul(%1, float16[4, 4])
      %3 = Relu(%2)
      y = Cast(%3) {to: 1}"
    `)
  })

  it('or moves the borders, and says how to feed them', async () => {
    const { parts, io } = await shop.run(
      convertFloat16,
      modelOf('(x: float32[2, 4]) -> (y: float32[2, 4])\ny = MatMul(x, float32[4, 4])'),
      {
        keepBorders: false,
      },
    )
    expect(modelText(parts[0]!, { names: 'canonical' })).not.toMatch(/Cast/)
    expect(io.inputs.get('x')).toEqual({ from: 'x', map: { kind: 'cast', from: 'float32', to: 'float16' } })
    expect(io.outputs.get('y')).toEqual({ from: 'y', map: { kind: 'cast', from: 'float16', to: 'float32' } })
  })

  it.each([
    ['casts that the model has', 'h = Cast(x) {to: 10}\na = MatMul(h, float16[8, 8])\nf = Cast(a) {to: 1}\ny = Tanh(f)'],
    ['a cast that gives a result', 'h = Cast(x) {to: 10}\na = MatMul(h, float16[8, 8])\ny = Cast(a) {to: 1}'],
    ['zeros of a shape', 's = Shape(x)\nz = ConstantOfShape(s)\na = MatMul(x, float32[8, 8])\ny = Add(a, z)'],
    ['a window', 'z = HannWindow(int64 8)\na = MatMul(x, float32[8, 8])\ny = Mul(a, z)'],
    [
      'operators of 8-bit arithmetic',
      `q = QuantizeLinear(x, float32 0.02, uint8 128)
       p = QLinearMatMul(q, float32 0.02, uint8 128, int8[8, 8], float32 0.05, int8 0, float32 0.1, uint8 128)
       d = DequantizeLinear(p, float32 0.1, uint8 128)
       y = MatMul(d, float32[8, 8])`,
    ],
  ])('of a model with %s loads, at every level', async (_, body) => {
    const model = modelOf(`(x: float32[4, 8]) -> (y: float32[4, 8])\n${body}`)
    const x = feed([4, 8], (i) => Math.sin(i))
    for (const options of [{}, { weightsOnly: true, smallest: 0 }]) {
      const file = await shop.file((await shop.run(convertFloat16, model, options)).parts[0]!)
      const before = await shop.context().execute(model, { x }, ['y'])
      for (const level of ['disabled', 'all'] as const) {
        const after = await shop.runtime.execute({
          session: { model: file, level, provider: 'cpu', threads: 1 },
          feeds: { x },
          wanted: ['y'],
        })
        expect(sqnr(floats(before.y!.data), floats(after.y!.data)), level).toBeGreaterThan(55)
      }
    }
  })

  it('takes the mean of squares of a norm in float32: it passes the range of float16', async () => {
    const norm = `(x: float32[4, 8]) -> (y: float32[4, 8])
      s = Pow(x, float32 2.0)
      m = ReduceMean(s) {axes: [-1], keepdims: 1}
      e = Add(m, float32 1e-12)
      r = Sqrt(e)
      y = Div(x, r)`
    const model = modelOf(`opset 17\n${norm}`)
    expect(
      await error(
        model,
        {},
        feed([4, 8], (i) => 3000 * Math.sin(i)),
      ),
    ).toBeGreaterThan(55)
    const { notes } = await shop.run(convertFloat16, model)
    expect(notes?.join(' ')).toMatch(/sums over an axis pass the range of float16: .*Sqrt|sums over an axis/)
  })

  it('keeps angles exact, with what they are computed from', async () => {
    const model = modelOf(`(x: float32[4, 8]) -> (y: float32[4, 8])
      p = Mul(x, float32 1000.0)
      c = Cos(p)
      y = Mul(c, float32 0.5)`)
    expect(await error(model, {})).toBeGreaterThan(60)
  })

  it('reaches into the bodies of loops and branches', async () => {
    const model = modelOf(`(c: bool[], x: float32[4, 8]) -> (y: float32[4, 8])
      w = float32[8, 8]
      y = If(c) {then_branch: { () -> (a)
        a = MatMul(x, w)
      }, else_branch: { () -> (b)
        b = Relu(x)
      }}`)
    const { parts } = await shop.run(convertFloat16, model)
    const c = { dtype: 'bool' as const, dims: [], data: Uint8Array.of(1) }
    const x = feed([4, 8], (i) => Math.sin(i))
    const [before, after] = [await shop.context().execute(model, { c, x }, ['y']), await shop.context().execute(parts[0]!, { c, x }, ['y'])]
    expect(sqnr(floats(before.y!.data), floats(after.y!.data))).toBeGreaterThan(55)
    expect(parts[0]!.graph.initializers.map(({ initializer }) => initializer!.ref.dtype)).toContain('float16')
  })

  it('clamps what is beyond the range, and says so', async () => {
    const model = modelOf('(x: float32[4, 8]) -> (y: float32[4, 8])\nm = Add(x, float32 -3.4e38)\ny = Softmax(m)')
    const { notes } = await shop.run(convertFloat16, model)
    expect(notes?.join(' ')).toMatch(/now ±65504/)
    expect(
      await error(modelOf('(x: float32[4, 8]) -> (y: float32[4, 8])\nm = Where(bool[8], x, float32 -3.4e38)\ny = Softmax(m)'), {}),
    ).toBeGreaterThan(55)
  })

  it('leaves the sums of 8-bit products, and their scales, in float32', async () => {
    const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 48])
      h = MatMul(x, float32[64, 64])
      r = Relu(h)
      y = MatMul(r, float32[64, 48])`)
    const eight = (await shop.run(quantizeDynamic, model)).parts[0]!
    const { parts, notes } = await shop.run(convertFloat16, eight)
    expect(notes!.join(' ')).toContain('6 nodes stay in float, each because sums of 8-bit products pass the range of float16')
    expect(await shop.kernels(parts[0]!)).toMatchObject({ 'com.microsoft.DynamicQuantizeMatMul': 2 })
  })

  it('goes by the weights alone, and says so, for a model that the runtime does not load', async () => {
    const model = modelOf(
      '(x: float32[n, 8]) -> (y: float32[n, 8], z: float32[n, 8])\ny = MatMul(x, float32[8, 8])\nz = my.company.Mystery(x)',
    )
    const data = await madeUpData(shop, { name: 'x', dims: [8], count: 4 }, (i) => Math.sin(i))
    const { changed, notes } = await shop.run(convertFloat16, model, {}, data)
    expect(changed).toBe(true)
    expect(notes!.join(' ')).toMatch(/Whether values pass the range .* is not known\. onnxruntime could not load the model: .*Mystery/)
  })

  it('leaves in float32 what samples drive past the range, and not what only masks', async () => {
    const model = modelOf(`(x: float32[n, 8]) -> (y: float32[n, 8])
      a = MatMul(x, float32[8, 8])
      far = Mul(a, float32 100000.0)
      b = Tanh(far)
      masked = Add(b, float32 -3.4e38)
      least = Max(masked, b)
      y = MatMul(least, float32[8, 8])`)
    const data = await madeUpData(shop, { name: 'x', dims: [8], count: 4 }, (i) => Math.sin(i))
    const { parts, notes } = await shop.run(convertFloat16, model, {}, data)
    expect(notes!.join(' ')).toContain(
      '2 nodes stay in float, each because its values pass the range of float16 on the calibration samples',
    )
    const halves = parts[0]!.graph.nodes.filter(({ outputs }) => outputs[0]?.type?.kind === 'tensor' && outputs[0].type.dtype === 'float16')
    expect(halves.map(({ opType }) => opType)).toEqual(expect.arrayContaining(['MatMul', 'Add', 'Max']))
    expect(halves.map(({ opType }) => opType)).not.toContain('Tanh')
  })

  it('leaves the sizes of a Resize, and what is kept, in float32', async () => {
    const model = modelOf(`(x: float32[1, 1, 4, 8]) -> (y: float32[1, 1, 8, 16])
      r = Resize(x, _, float32[4] ones)
      y = Resize(r, _, _, int64[4]) {mode: "nearest"}`)
    const sizes = model.graph.initializers.find(({ initializer }) => initializer!.ref.dtype === 'int64')!.initializer!
    new BigInt64Array(sizes.read().buffer).set([1n, 1n, 8n, 16n])
    expect(
      await error(
        model,
        {},
        feed([1, 1, 4, 8], (i) => Math.sin(i)),
      ),
    ).toBeGreaterThan(55)
    const { parts } = await shop.run(convertFloat16, model, { keep: ['#0', '#1'] })
    expect(parts[0]).toBeDefined()
  })
})

describe('16-bit weights alone', () => {
  const text = '(x: float32[4, 8]) -> (y: float32[4, 8])\nh = MatMul(x, float32[8, 8])\ny = MatMul(h, float32[8, 8])'

  it.each([
    [{ format: 'bfloat16', smallest: 8 }, 40],
    [{ format: 'float16', weightsOnly: true, smallest: 8 }, 60],
  ] as const)('%o', async (options, least) => {
    const model = modelOf(text)
    expect(await error(model, options)).toBeGreaterThan(least)
    const { parts } = await shop.run(convertFloat16, model, options)
    expect(parts[0]!.graph.initializers.map(({ initializer }) => initializer!.ref.dtype)).toEqual([options.format, options.format])
    // The runtime folds the casts away when it loads the model.
    expect(await shop.kernels(parts[0]!)).toEqual({ MatMul: 2 })
  })
})

describe.skipIf(!existsSync('../shared/models'))('on trained models', () => {
  it.each([
    ['digits_cnn', 59.6],
    ['text_llama', 60.1],
  ])('%s is at least as near as what other tools make of it', async (name, best) => {
    const folder = `../shared/models/${name}`
    const model = openModel(`${folder}/model.onnx`)
    const data = await shop.data(`${folder}/dataset.json`, model)
    const reference = await shop.outputs(model, data.evaluation!, { output: 'logits' })
    const { parts } = await shop.run(convertFloat16, model)
    const outputs = await shop.outputs(parts[0]!, data.evaluation!, { output: 'logits' })
    expect(sqnr(reference, outputs)).toBeGreaterThan(best - 0.05)
    expect(taskScore(outputs, data.evaluation!).crossEntropy).toBeCloseTo(taskScore(reference, data.evaluation!).crossEntropy, 3)
  })
})

const published = '../shared/real-models'

describe.skipIf(!existsSync(published))('on published nets', () => {
  const files = existsSync(published)
    ? readdirSync(published, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name }) => readdirSync(join(published, name)).map((file) => join(published, name, file)))
        .filter((file) => file.endsWith('.onnx'))
    : []

  it.each(files)('%s still loads', async (file) => {
    const model = openModel(file)
    const { parts } = await shop.run(convertFloat16, model)
    expect([...allNodes(parts[0]!.graph)].length).toBeGreaterThan(0)
    await shop.kernels(parts[0]!)
  })
})
