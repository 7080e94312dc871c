import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SampleData } from '../../../core/data/open.ts'
import type { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, taskScore, workshop } from '../../support/pass-context.ts'
import { normals, seeded } from '../../support/seeds.ts'

const shop = await workshop()

/** Calibration and evaluation samples of one input, N(0, 1). */
async function noise(name: string, dims: readonly number[], scale = 1): Promise<SampleData> {
  const normal = normals(seeded(`noise ${dims.join()}`))
  const count = 32
  const values = Float32Array.from({ length: count * dims.reduce((a, b) => a * b, 1) }, () => scale * normal())
  const { id } = await shop.store.put(new Uint8Array(values.buffer))
  const table = { id: `${id} ${name}`, count, inputs: [{ name, dtype: 'float32' as const, dims, file: shop.store.pathOf(id), offset: 0 }] }
  const samples = { table, labels: null, labelColumn: null, description: 'noise' }
  const metric = { kind: 'sqnr' } as const
  return { calibration: samples, selection: null, evaluation: samples, metric, random: true, notes: [], preparationMs: 0 }
}

async function error(model: Model, options: object, data: SampleData): Promise<number> {
  const { parts } = await shop.run(quantizeStatic, model, options, data)
  return sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))
}

const residual = `(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 10])
  a = Conv(x, float32[8, 4, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
  b = Relu(a)
  c = Conv(b, float32[8, 8, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
  d = Add(b, c)
  e = Relu(d)
  m = MaxPool(e) {kernel_shape: [2, 2], strides: [2, 2]}
  n = Conv(m, float32[8, 8, 1, 1])
  o = Concat(m, n) {axis: 1}
  p = GlobalAveragePool(o)
  f = Flatten(p)
  y = Gemm(f, float32[10, 16], float32[10]) {transB: 1}`

describe('where the quantizers stand', () => {
  it('lets a residual convolution block run on 8-bit kernels from end to end', async () => {
    const data = await noise('x', [4, 8, 8])
    const { parts } = await shop.run(quantizeStatic, modelOf(residual), {}, data)
    const kernels = await shop.kernels(parts[0]!)
    expect(kernels).toMatchObject({
      'com.microsoft.QLinearConv': 3,
      'com.microsoft.QLinearAdd': 1,
      'com.microsoft.QLinearConcat': 1,
      'com.microsoft.QLinearGlobalAveragePool': 1,
      'com.microsoft.QGemm': 1,
      QuantizeLinear: 1,
    })
    for (const float of ['Relu', 'Conv', 'DequantizeLinear', 'Add']) expect(kernels).not.toHaveProperty(float)
    expect(await error(modelOf(residual), {}, data)).toBeGreaterThan(30)
  })

  it('gives values that are only moved one grid', async () => {
    const data = await noise('x', [4, 8, 8])
    const { parts } = await shop.run(quantizeStatic, modelOf(residual), {}, data)
    const scaleOf = (operator: string) => {
      const node = parts[0]!.graph.nodes.find(({ opType }) => opType === operator)!
      return [node.inputs[0]!.producer, node.outputs[0]!.uses[0]!.node].map((quantizer) => quantizer!.inputs[1])
    }
    expect(new Set(scaleOf('MaxPool')).size).toBe(1)
    // One side of the join is never below 0, the other is: the join has a grid of its own.
    expect(new Set(scaleOf('Concat')).size).toBe(2)
  })

  it.each([13, 21])('loads with int8 where parts of a convolution go to a gate, at operator set %i', async (opset) => {
    const model = modelOf(`opset ${opset}
      (x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 8, 8, 8])
      a = Conv(x, float32[16, 4, 3, 3], float32[16]) {pads: [1, 1, 1, 1]}
      p = Slice(a, int64[1] {0}, int64[1] {8}, int64[1] {1})
      q = Slice(a, int64[1] {8}, int64[1] {16}, int64[1] {1})
      s = Sigmoid(q)
      m = Mul(p, s)
      y = Conv(m, float32[8, 8, 1, 1])`)
    expect(await error(model, { activations: 'int8', symmetric: true }, await noise('x', [4, 8, 8]))).toBeGreaterThan(25)
  })

  it('leaves the positions that a MaxPool tells beside its values as they are', async () => {
    const model = modelOf(`(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 8, 4, 4], i: int64[batch, 8, 4, 4])
      a = Conv(x, float32[8, 4, 3, 3], float32[8]) {pads: [1, 1, 1, 1]}
      p, i = MaxPool(a) {kernel_shape: [2, 2], strides: [2, 2]}
      y = Conv(p, float32[8, 8, 1, 1])`)
    expect(await error(model, {}, await noise('x', [4, 8, 8]))).toBeGreaterThan(25)
  })

  it('tells of what lies in branches, out of the reach of samples', async () => {
    const branch = `s = ReduceSum(x) {keepdims: 0}
      c = Greater(s, float32 0.0)
      h = If(c) {then_branch: { () -> (p)
        p = Conv(x, float32[4, 4, 3, 3]) {pads: [1, 1, 1, 1]} }, else_branch: { () -> (q)
        q = Identity(x) }}`
    const both = modelOf(`(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 8, 8, 8])\n${branch}\ny = Conv(h, float32[8, 4, 1, 1])`)
    const { notes } = await shop.run(quantizeStatic, both, {}, await noise('x', [4, 8, 8]))
    expect(notes!.join(' ')).toContain('1 convolution and 0 matrix products compute in 8 bits')
    expect(notes!.join(' ')).toMatch(/1 node stays in float because it lies in a loop or branch/)
    const alone = modelOf(`(x: float32[batch, 4, 8, 8]) -> (y: float32[batch, 4, 8, 8])\n${branch}\ny = Relu(h)`)
    expect(quantizeStatic.pointless?.(alone, quantizeStatic.options.parse({}))).toMatch(/lies in loops and branches.*quantize-dynamic/)
  })

  it('leaves what masks and norms compute with in float', async () => {
    const model = modelOf(`(x: float32[batch, 8, 32]) -> (y: float32[batch, 8, 32])
      h = MatMul(x, float32[32, 32])
      s = Add(h, float32 -3.4e38)
      t = Softmax(s)
      u = Add(t, x)
      v = LayerNormalization(u, float32[32], float32[32])
      y = MatMul(v, float32[32, 32])`)
    const { parts } = await shop.run(quantizeStatic, model, {}, await noise('x', [8, 32]))
    const kernels = await shop.kernels(parts[0]!)
    expect(kernels).toMatchObject({ 'com.microsoft.MatMulIntegerToFloat': 2, QuantizeLinear: 2, Softmax: 1 })
  })

  it('reaches depthwise and grouped convolutions', async () => {
    const model = modelOf(`(x: float32[batch, 8, 8, 8]) -> (y: float32[batch, 16, 6, 6])
      a = Conv(x, float32[8, 1, 3, 3], float32[8]) {group: 8, pads: [1, 1, 1, 1]}
      b = Clip(a, float32 0.0, float32 6.0)
      y = Conv(b, float32[16, 4, 3, 3], float32[16]) {group: 2}`)
    const data = await noise('x', [8, 8, 8])
    const { parts } = await shop.run(quantizeStatic, model, {}, data)
    expect(await shop.kernels(parts[0]!)).toMatchObject({ 'com.microsoft.QLinearConv': 2 })
    expect(await error(model, {}, data)).toBeGreaterThan(30)
  })
})

describe('the worst case: all activations at 255 and large positive weights', () => {
  const model = modelOf(`(x: float32[batch, 16, 6, 6]) -> (y: float32[batch, 16, 4, 4])
    w = float32[16, 16, 3, 3] positive
    y = Conv(x, w)`)

  /** Levels of the 8-bit kernel against the same file computed in float. */
  async function gap(weights: string): Promise<number> {
    const data = await noise('x', [16, 6, 6], 0)
    const ones = new Float32Array(32 * 16 * 36).fill(1)
    const { id } = await shop.store.put(new Uint8Array(ones.buffer))
    const table = { ...data.calibration!.table, id, inputs: [{ ...data.calibration!.table.inputs[0]!, file: shop.store.pathOf(id) }] }
    const samples = { ...data.calibration!, table }
    const { parts } = await shop.run(
      quantizeStatic,
      model,
      { weights, calibration: 'minmax' },
      { ...data, calibration: samples, evaluation: samples },
    )
    const [kernel, float] = [await shop.outputs(parts[0]!, samples), await shop.outputs(parts[0]!, samples, { level: 'disabled' })]
    return Math.max(...kernel.map((value, i) => Math.abs(value / float[i]! - 1)))
  }

  it('is exact with pair-safe weights on any CPU', async () => {
    expect(await gap('pair-safe')).toBeLessThan(0.005)
  })

  it('and with 7 bits and unsigned weights', async () => {
    expect(await gap('7-bit')).toBeLessThan(0.005)
    expect(await gap('u8')).toBeLessThan(0.005)
  })

  it('and not at full range where 16-bit sums saturate', async (context) => {
    const { int8DotProduct } = await shop.runtime.info()
    if (int8DotProduct) context.skip('this CPU adds products in 32 bits')
    expect(await gap('full')).toBeGreaterThan(0.1)
  })
})

describe('a weight that two convolutions share', () => {
  it('serves both where one of them reads it transposed, with one scale for all channels too', async () => {
    const model = modelOf(`(x: float32[batch, 64]) -> (y: float32[batch, 64])
      w = float32[64, 64]
      a = MatMul(x, w)
      t = Transpose(w) {perm: [1, 0]}
      b = MatMul(a, t)
      y = Gemm(b, w) {transB: 1}`)
    const data = await noise('x', [64])
    for (const perChannel of [false, true])
      for (const weights of ['pair-safe', '7-bit']) expect(await error(model, { perChannel, weights }, data)).toBeGreaterThan(25)
  })

  it('serves both, whatever their biases need', async () => {
    const model = modelOf(`(x: float32[batch, 8, 8, 8]) -> (y: float32[batch, 8, 8, 8])
      w = float32[8, 8, 3, 3]
      a = Conv(x, w, float32[8]) {pads: [1, 1, 1, 1]}
      b = Mul(x, float32 1e-9)
      c = Conv(b, w, float32[8] ones) {pads: [1, 1, 1, 1]}
      y = Add(a, c)`)
    expect(await error(model, {}, await noise('x', [8, 8, 8]))).toBeGreaterThan(25)
  })
})

describe('bias correction', () => {
  it('takes back what rounding weights shifts behind a Relu', async () => {
    const model = modelOf(`(x: float32[batch, 16, 8, 8]) -> (y: float32[batch, 32, 6, 6])
      r = Relu(x)
      y = Conv(r, float32[32, 16, 3, 3])`)
    const data = await noise('x', [16, 8, 8])
    expect(await error(model, {}, data)).toBeGreaterThan(await error(model, { biasCorrection: false }, data))
  })
})

describe('an activation whose channels differ a hundredfold', () => {
  // The normalization brings all channels to one size again, with whatever is left of the small ones.
  const model = modelOf(`(x: float32[batch, 8, 12, 12]) -> (y: float32[batch, 4, 8, 8])
    a = Conv(x, float32[8, 1, 3, 3]) {group: 8}
    n = InstanceNormalization(a, float32[8] ones, float32[8] zeros)
    y = Conv(n, float32[4, 8, 3, 3])`)
  const normal = normals(seeded('loud'))
  const loud = () => madeUpData(shop, { name: 'x', dims: [8, 12, 12], count: 32 }, (i) => (i % 1152 < 144 ? 1000 : 1) * normal())

  it('stays in float, and so does the layer that reads it', async () => {
    const data = await loud()
    const { parts, notes } = await shop.run(quantizeStatic, model, {}, data)
    expect(await shop.kernels(parts[0]!)).toMatchObject({ 'com.microsoft.QLinearConv': 1 })
    expect(notes?.join(' ')).toMatch(/1 node stays in float because one grid for all channels around it/)
    expect(await error(model, {}, data)).toBeGreaterThan(25)
  })

  it('is rounded all the same where that is asked for', async () => {
    expect(await error(model, { leastDecibels: null }, await loud())).toBeLessThan(10)
  })
})

describe('adaptive rounding', () => {
  it('loses less than the nearest levels where inputs vary together', async () => {
    const model = modelOf(`(x: float32[batch, 3, 16, 16]) -> (y: float32[batch, 8, 14, 14])
      y = Conv(x, float32[8, 3, 3, 3], float32[8])`)
    const data = await madeUpData(shop, { name: 'x', dims: [3, 16, 16], count: 32 }, (i) => Math.sin(i / 97) + Math.cos(i / 1013))
    const nearest = await error(model, { rounding: 'nearest' }, data)
    expect(await error(model, {}, data)).toBeGreaterThan(nearest + 1)
  })
})

describe('calibration', () => {
  it.each(['minmax', 'moving-average', 'percentile', 'entropy', 'mse'])('by %s keeps the residual block', async (calibration) => {
    expect(await error(modelOf(residual), { calibration }, await noise('x', [4, 8, 8]))).toBeGreaterThan(20)
  })
})

describe('clear problems before hours of work', () => {
  it('without samples', async () => {
    await expect(shop.run(quantizeStatic, modelOf(residual))).rejects.toThrow(/needs samples.*quantize-dynamic/)
  })

  it('with an activation that is not finite', async () => {
    const model = modelOf('(x: float32[batch, 16]) -> (y: float32[batch, 16])\nl = Log(x)\ny = MatMul(l, float32[16, 16])')
    await expect(shop.run(quantizeStatic, model, {}, await noise('x', [16]))).rejects.toThrow(
      /NaN or infinite on the calibration samples.*tensor l/,
    )
  })

  it('with a model that is quantized already', async () => {
    const model = modelOf(`(x: float32[batch, 16]) -> (y: float32[batch, 16])
      q = QuantizeLinear(x, float32 0.1, uint8 0)
      d = DequantizeLinear(q, float32 0.1, uint8 0)
      y = MatMul(d, float32[16, 16])`)
    await expect(shop.run(quantizeStatic, model, {}, await noise('x', [16]))).rejects.toThrow(/quantized already/)
  })
})

describe.skipIf(!existsSync('../shared/models'))('on trained models', () => {
  async function trained(name: string, options: object) {
    const folder = `../shared/models/${name}`
    const original = openModel(`${folder}/model.onnx`)
    // The runtime's own first level folds the BatchNormalizations.
    const out = join(shop.store.root, `${name}.onnx`)
    await shop.runtime.optimize({ session: { model: `${folder}/model.onnx`, level: 'basic', provider: 'cpu', threads: 1 }, out })
    const data = await shop.data(`${folder}/dataset.json`, original)
    const reference = await shop.outputs(original, data.evaluation!, { output: 'logits' })
    const { parts, notes } = await shop.run(quantizeStatic, openModel(out), options, data)
    const outputs = await shop.outputs(parts[0]!, data.evaluation!, { output: 'logits' })
    return { ...taskScore(outputs, data.evaluation!), sqnr: sqnr(reference, outputs), notes: notes?.join(' ') }
  }

  it('digits_cnn keeps its accuracy, better than any other tool', async () => {
    const score = await trained('digits_cnn', {})
    expect(score.accuracy).toBeGreaterThanOrEqual(0.9875)
    expect(score.sqnr).toBeGreaterThan(37.4)
    expect(score.notes).toMatch(/would saturate on x86 CPUs without VNNI at full range; none can/)
  })

  it('speaks of x86 only where the file may run on it', async () => {
    const folder = '../shared/models/digits_cnn'
    const model = openModel(`${folder}/model.onnx`)
    const data = await shop.data(`${folder}/dataset.json`, model)
    const said = async (target: 'ort' | 'tensorrt' | 'tflite', options: object = {}) => {
      const chosen = quantizeStatic.options.parse({ weights: 'full', samples: 8, rounding: 'nearest', ...options })
      return (await quantizeStatic.run(model.fork(), chosen, { ...shop.context(data), target })).notes?.join(' ')
    }
    expect(await said('ort')).toMatch(/pairs of weights can saturate on x86/)
    expect(await said('ort', { activations: 'int8' })).not.toMatch(/x86/)
    expect(await said('tensorrt')).not.toMatch(/x86/)
    expect(await said('tflite')).not.toMatch(/x86/)
  })

  it('digits_cnn keeps its accuracy with ranges by entropy', async () => {
    expect((await trained('digits_cnn', { calibration: 'entropy' })).accuracy).toBeGreaterThanOrEqual(0.985)
  })

  it('digits_cnn at full range shows what saturation costs', async (context) => {
    if ((await shop.runtime.info()).int8DotProduct) context.skip('this CPU adds products in 32 bits')
    const score = await trained('digits_cnn', { weights: 'full' })
    expect(score.sqnr).toBeLessThan(12)
    expect(score.notes).toMatch(/can saturate on x86 CPUs without VNNI/)
  })
})
