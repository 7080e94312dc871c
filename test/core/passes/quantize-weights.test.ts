import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SampleData } from '../../../core/data/open.ts'
import type { Model } from '../../../core/ir/model.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { quantizeWeights } from '../../../core/passes/quantize-weights.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { sqnr, taskScore, workshop } from '../../support/pass-context.ts'

const shop = await workshop()

const floats = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)
const rows = (dims: readonly number[]) => {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7))
  return { dtype: 'float32' as const, dims, data: new Uint8Array(values.buffer) }
}

/** How far both versions are apart, the quantized one as deployed. */
async function error(
  model: Model,
  options: object,
  feeds = { x: rows([4, model.graph.inputs[0]!.name === 'x' ? 64 : 1]) },
): Promise<number> {
  const { parts } = await shop.run(quantizeWeights, model, { smallest: 0, ...options })
  const run = async (each: Model) =>
    shop.runtime.execute({ session: { model: await shop.file(each), level: 'all', provider: 'cpu', threads: 1 }, feeds, wanted: ['y'] })
  return sqnr(floats((await run(model)).y!.data), floats((await run(parts[0]!)).y!.data))
}

/** Two products, so that the first is no layer of logits. */
const two = modelOf('(x: float32[n, 64]) -> (y: float32[n, 48])\nh = MatMul(x, float32[64, 80])\ny = MatMul(h, float32[80, 48])')

describe('the form', () => {
  it('is MatMulNBits, the layer of logits in 8 bits', async () => {
    const { parts } = await shop.run(quantizeWeights, two, { smallest: 0 })
    expect(modelText(parts[0]!, { names: 'canonical' })).toMatchInlineSnapshot(`
      "opset 21, com.microsoft 1
      (x: float32[n, 64]) -> (y: float32[n, 48])
      %1 = com.microsoft.MatMulNBits(x, uint8[80, 2, 16], float32[80, 2], uint8[80, 1]) {K: 64, N: 80, accuracy_level: 4, bits: 4, block_size: 32}
      y = com.microsoft.MatMulNBits(%1, uint8[48, 3, 32], float32[48, 3], uint8[48, 3]) {K: 80, N: 48, accuracy_level: 4, bits: 8, block_size: 32}"
    `)
    expect(await shop.kernels(parts[0]!)).toEqual({ 'com.microsoft.MatMulNBits': 2 })
  })

  it('for other runtimes is a block-wise DequantizeLinear, which ONNX Runtime takes back to MatMulNBits', async () => {
    const { parts } = await shop.run(quantizeWeights, two, { smallest: 0, form: 'qdq', output: 4 })
    expect(parts[0]!.opset).toBe(21)
    expect(await shop.kernels(parts[0]!)).toEqual({ 'com.microsoft.MatMulNBits': 2 })
    expect(await error(two, { form: 'qdq', output: 4 })).toBeGreaterThan(18)
    expect(await error(two, { form: 'qdq', output: 4, symmetric: true })).toBeGreaterThan(18)
  })

  it('for other runtimes leaves products of dequantized activations alone, which ONNX Runtime would compute wrongly', async () => {
    const quantized = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 48])
      q = QuantizeLinear(x, float32 0.02, uint8 128)
      d = DequantizeLinear(q, float32 0.02, uint8 128)
      r = Reshape(d, int64[2] {-1, 64})
      h = MatMul(r, float32[64, 64])
      t = Tanh(h)
      y = MatMul(t, float32[64, 48])`)
    const { parts, notes } = await shop.run(quantizeWeights, quantized, { smallest: 0, form: 'qdq', output: 4 })
    expect(notes!.join(' ')).toMatch(/1 node stays in float because its activations are dequantized/)
    expect(await shop.kernels(parts[0]!)).toMatchObject({ 'com.microsoft.MatMulNBits': 1, MatMul: 1 })
    expect(await error(quantized, { form: 'qdq', output: 4 })).toBeGreaterThan(10)
  })

  it('brings the nodes of an older operator set along', async () => {
    const model = modelOf(`opset 13
      (x: float32[n, 64]) -> (y: float32[n, 1])
      h = MatMul(x, float32[64, 80])
      a, b = Split(h) {axis: 1}
      c = Mul(a, b)
      y = ReduceMean(c) {axes: [1], keepdims: 1}`)
    expect(await error(model, { form: 'qdq' })).toBeGreaterThan(10)
  })

  it('raises models from before operator set 13, or names the operator that cannot be raised before it computes anything', async () => {
    const old = modelOf(`opset 8
      (x: float32[n, 64]) -> (y: float32[n, 48])
      h = MatMul(x, float32[64, 80])
      s = Softmax(h) {axis: 1}
      c = Clip(s) {min: 0.0, max: 0.5}
      y = MatMul(c, float32[80, 48])`)
    const { parts } = await shop.run(quantizeWeights, old, { smallest: 0, form: 'qdq', output: 4 })
    expect(parts[0]!.opset).toBe(21)
    expect(await shop.kernels(parts[0]!)).toMatchObject({ 'com.microsoft.MatMulNBits': 2 })
    expect(await error(old, { form: 'qdq', output: 4 })).toBeGreaterThan(14)
    const stuck = modelOf(`opset 8
      (x: float32[n, 64]) -> (y: float32[n, 80])
      h = ParametricSoftplus(x) {alpha: 1.0, beta: 1.0}
      y = MatMul(h, float32[64, 80])`)
    await expect(shop.run(quantizeWeights, stuck, { smallest: 0, form: 'qdq' })).rejects.toThrow(
      /DequantizeLinear: .* because ParametricSoftplus cannot be raised/,
    )
  })

  it.each([
    [{ bits: 8, output: 8 }, 40],
    [{ bits: 4, output: 4 }, 18],
    [{ bits: 4, output: 4, symmetric: true }, 18],
    [{ bits: 4, output: 4, block: 16 }, 19],
    [{ bits: 4, output: 4, block: 128, method: 'hqq' }, 16],
    [{ bits: 2, output: 2, method: 'hqq' }, 5],
    [{ bits: 2, output: 2, levels: 'ternary' }, 3],
    [{ bits: 2, output: 2, levels: 'binary' }, 2],
  ])('%o runs, with depths that fill no whole number of blocks', async (options, least) => {
    expect(await error(two, options)).toBeGreaterThan(least)
  })

  it('of a Gemm keeps its bias, its factors and its transposed weight', async () => {
    const model = modelOf(
      '(x: float32[n, 64]) -> (y: float32[n, 48])\ny = Gemm(x, float32[48, 64], float32[48]) {transB: 1, alpha: 0.5, beta: 2.0}',
    )
    expect(await error(model, {})).toBeGreaterThan(40)
    expect(await error(model, { form: 'qdq', output: 4 })).toBeGreaterThan(18)
  })

  it('of a square weight that is read as it is and transposed keeps both', async () => {
    const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 64])
      w = float32[64, 64]
      a = MatMul(x, w)
      b = Gemm(a, w) {transB: 1}
      c = Transpose(w) {perm: [1, 0]}
      y = MatMul(b, c)`)
    for (const form of ['matmul-nbits', 'qdq'] as const)
      for (const method of ['rtn', 'hqq'] as const) expect(await error(model, { bits: 8, form, method })).toBeGreaterThan(30)
  })

  it('of a tied embedding keeps one table', async () => {
    const model = modelOf(`(ids: int64[n]) -> (y: float32[n, 96])
      table = float32[96, 64]
      h = Gather(table, ids)
      t = Transpose(table) {perm: [1, 0]}
      y = MatMul(h, t)`)
    const { parts } = await shop.run(quantizeWeights, model, { smallest: 0 })
    const stored = parts[0]!.graph.initializers.filter(({ initializer }) => initializer!.ref.length > 1024)
    expect(stored.map(({ initializer }) => initializer!.ref.dims)).toContainEqual([96, 64])
    expect(stored.reduce((bytes, { initializer }) => bytes + initializer!.ref.length, 0)).toBeLessThan(8000)
    const ids = {
      ids: { dtype: 'int64' as const, dims: [96], data: new Uint8Array(BigInt64Array.from({ length: 96 }, (_, i) => BigInt(i)).buffer) },
    }
    expect(await error(model, {}, ids as never)).toBeGreaterThan(40)
  })
})

describe('hqq', () => {
  const decibels = (model: Model, options: { bits: number; [name: string]: unknown }, feeds?: Parameters<typeof error>[2]) =>
    error(model, { output: options.bits, accuracyLevel: 0, ...options }, feeds)

  it.each([
    [2, 'matmul-nbits', 32],
    [4, 'matmul-nbits', 32],
    [4, 'matmul-nbits', 64],
    [8, 'matmul-nbits', 16],
    [2, 'qdq', 32],
    [4, 'qdq', 32],
  ] as const)('comes nearer than rounding at %i bits as %s, blocks of %i', async (bits, form, block) => {
    const of = (method: string) => decibels(two, { bits, form, block, method })
    expect(await of('hqq')).toBeGreaterThan((await of('rtn')) + 0.3)
  })

  it('stands beside the codes as the product of the sums over blocks, one for all that read an activation', async () => {
    const model = modelOf(`(x: float32[b, n, 64]) -> (y: float32[b, n, 48])
      g = MatMul(x, float32[64, 48])
      h = MatMul(x, float32[64, 48])
      y = Mul(g, h)`)
    const { parts, notes } = await shop.run(quantizeWeights, model, { smallest: 0, method: 'hqq' })
    expect(modelText(parts[0]!, { names: 'canonical' })).toMatchInlineSnapshot(`
      "opset 21, com.microsoft 1
      (x: float32[b, n, 64]) -> (y: float32[b, n, 48])
      %1 = com.microsoft.MatMulNBits(x, uint8[48, 2, 16], float32[48, 2]) {K: 64, N: 48, accuracy_level: 4, bits: 4, block_size: 32}
      %2 = Reshape(x, int64[4] {0, 0, 2, 32})
      %3 = ReduceSum(%2, int64[1] {3}) {keepdims: 0}
      %4 = Cast(float16[2, 48]) {to: 1}
      %5 = MatMul(%3, %4)
      %6 = Add(%1, %5)
      %7 = com.microsoft.MatMulNBits(x, uint8[48, 2, 16], float32[48, 2]) {K: 64, N: 48, accuracy_level: 4, bits: 4, block_size: 32}
      %8 = Cast(float16[2, 48]) {to: 1}
      %9 = MatMul(%3, %8)
      %10 = Add(%7, %9)
      y = Mul(%6, %10)"
    `)
    expect(notes?.join(' ')).toMatch(/2 weights have zero points that are real numbers \(1 kB\)/)
  })

  it('holds for a Gemm with factors and bias, and for older operator sets', async () => {
    const of = async (text: string) => {
      const model = modelOf(text)
      const at = (method: string) => decibels(model, { bits: 4, method })
      return (await at('hqq')) - (await at('rtn'))
    }
    const head = '(x: float32[n, 64]) -> (y: float32[n, 48])'
    expect(await of(`${head}\ny = Gemm(x, float32[48, 64], float32[48]) {transB: 1, alpha: 0.5, beta: 2.0}`)).toBeGreaterThan(0.2)
    expect(await of(`opset 11\n${head}\ny = MatMul(x, float32[64, 48])`)).toBeGreaterThan(0.2)
  })

  it('sums blocks by a product where the rank is unknown, and keeps float32 where weights leave float16', async () => {
    const open = modelOf('(x: float32[n, 64], s: int64[k]) -> (y: float32[a, b])\nh = Reshape(x, s)\ny = MatMul(h, float32[64, 48])')
    const s = { dtype: 'int64' as const, dims: [2], data: new Uint8Array(BigInt64Array.of(4n, 64n).buffer) }
    const feeds = { x: rows([4, 64]), s } as never
    const of = (method: string) => decibels(open, { bits: 4, method }, feeds)
    expect(await of('hqq')).toBeGreaterThan((await of('rtn')) + 0.3)
    const tiny = modelOf('(x: float32[n, 64]) -> (y: float32[n, 48])\ny = MatMul(x, float32[64, 48])')
    const weight = tiny.graph.initializers[0]!
    const small = floats(weight.initializer!.read()).map((value) => value * 1e-6)
    tiny.graph.setInitializer(weight, float32Tensor([64, 48], small))
    expect(await decibels(tiny, { bits: 4, method: 'hqq' })).toBeGreaterThan((await decibels(tiny, { bits: 4, method: 'rtn' })) + 0.3)
  })

  it('in a branch reads sums that stand there', async () => {
    const model = modelOf(`(c: bool[], x: float32[n, 64]) -> (y: float32[n, 48])
      h = MatMul(x, float32[64, 64])
      y = If(c) {then_branch: { () -> (t)
        t = MatMul(h, float32[64, 48])
      }, else_branch: { () -> (e)
        e = MatMul(h, float32[64, 48])
      }}`)
    const c = { dtype: 'bool' as const, dims: [], data: Uint8Array.of(1) }
    const feeds = { c, x: rows([4, 64]) } as never
    const of = (method: string) => decibels(model, { bits: 4, method }, feeds)
    expect(await of('hqq')).toBeGreaterThan((await of('rtn')) + 0.3)
  })

  it('says where levels of 2 bits were asked for and none are stored in 2', async () => {
    const said = async (bits: number) => (await shop.run(quantizeWeights, two, { smallest: 0, levels: 'ternary', bits })).notes!.join(' ')
    expect(await said(4)).toContain('No weight is ternary: that is a grid of 2 bits, and `bits` asks for 4.')
    expect(await said(2)).not.toContain('No weight is ternary')
  })

  it('is refused where there are no zero points to move', () => {
    const check = (options: object) => quantizeWeights.check?.(two, quantizeWeights.options.parse(options), { calibration: false } as never)
    expect(() => check({ method: 'hqq', symmetric: true })).toThrow(/symmetric weights have none/)
    expect(() => check({ method: 'hqq', bits: 2, levels: 'ternary' })).toThrow(/ternary and binary grids have none/)
    expect(() => check({ method: 'hqq' })).not.toThrow()
  })
})

describe('gptq', () => {
  /** Activations that lie near a few directions, as those of trained models do. */
  async function correlated(size: number): Promise<SampleData> {
    const values = Float32Array.from({ length: 64 * size }, (_, i) => {
      const [row, column] = [Math.floor(i / size), i % size]
      return Math.sin(row) + Math.cos(row * 0.7 + column * 0.1) + 0.1 * Math.sin(row * column)
    })
    const { id } = await shop.store.put(new Uint8Array(values.buffer))
    const table = {
      id,
      count: 64,
      inputs: [{ name: 'x', dtype: 'float32' as const, dims: [size], file: shop.store.pathOf(id), offset: 0 }],
    }
    const samples = { table, labels: null, labelColumn: null, description: 'correlated' }
    return {
      calibration: samples,
      selection: null,
      evaluation: samples,
      metric: { kind: 'sqnr' },
      random: true,
      notes: [],
      preparationMs: 0,
    }
  }

  it.each([2, 4] as const)('makes up for rounding at %i bits, with an odd number of blocks', async (bits) => {
    const model = modelOf('(x: float32[n, 80]) -> (y: float32[n, 48])\ny = MatMul(x, float32[80, 48])')
    const data = await correlated(80)
    const reference = await shop.outputs(model, data.evaluation!)
    const of = async (method: string) => {
      const { parts } = await shop.run(quantizeWeights, model, { smallest: 0, bits, output: bits, method, accuracyLevel: 0 }, data)
      return sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!))
    }
    expect(await of('gptq')).toBeGreaterThan((await of('rtn')) + 10)
  })

  it('that auto would be is rtn for a model that the runtime does not load, and says so', async () => {
    const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 48])
      a = my.company.Mystery(x)
      y = MatMul(a, float32[64, 48])`)
    const data = await correlated(64)
    const { parts, notes } = await shop.run(quantizeWeights, model, { smallest: 0 }, data)
    expect(parts[0]!.graph.nodes.map(({ opType }) => opType)).toEqual(['Mystery', 'MatMulNBits'])
    expect(notes).toContain('Weights were rounded by rtn.')
    expect(notes!.join(' ')).toMatch(
      /No sample could be looked at, so that gptq.* became rtn\. onnxruntime could not load the model: .*Mystery/,
    )
    expect(notes!.join(' ')).not.toMatch(/lathe-test|\(file/)
    await expect(shop.run(quantizeWeights, model, { smallest: 0, method: 'gptq' }, data)).rejects.toThrow(/could not load the model/)
  })

  it('that auto is stays a problem where samples do not fit the model', async () => {
    const model = modelOf('(x: float32[n, 64]) -> (y: float32[n, 48])\ny = MatMul(x, float32[64, 48])')
    await expect(shop.run(quantizeWeights, model, { smallest: 0 }, await correlated(80))).rejects.toThrow(/could not run the model/)
  })

  it('says which activation is too large, and which samples show too little for the damping', async () => {
    const model = modelOf(`(x: float32[n, 80]) -> (y: float32[n, 48])
      h = Mul(x, float32 1e30)
      y = MatMul(h, float32[80, 48])`)
    await expect(shop.run(quantizeWeights, model, { smallest: 0 }, await correlated(80))).rejects.toThrow(/range of float32 \(tensor h\)/)
    const one = modelOf('(x: float32[n, 80]) -> (y: float32[n, 48])\ny = MatMul(x, float32[80, 48])')
    const options = { smallest: 0, method: 'gptq', samples: 1, damping: 1e-12 }
    await expect(shop.run(quantizeWeights, one, options, await correlated(80))).rejects.toThrow(/damping of 1e-12 .*Use more samples/)
  })

  it('goes by the proportions of activations of any size', async () => {
    const sized = (factor: string) =>
      modelOf(`(x: float32[n, 80]) -> (y: float32[n, 48])\nh = Mul(x, float32 ${factor})\ny = MatMul(h, float32[80, 48])`)
    const data = await correlated(80)
    const of = async (factor: string, method: string) => {
      const { parts } = await shop.run(quantizeWeights, sized(factor), { smallest: 0, output: 4, method, accuracyLevel: 0 }, data)
      return sqnr(await shop.outputs(sized(factor), data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))
    }
    const usual = await of('1.0', 'gptq')
    expect(await of('1e-13', 'gptq')).toBeGreaterThan(usual - 1)
    expect(await of('1e13', 'gptq')).toBeGreaterThan(usual - 1)
  })

  it('says what it rounds without having seen: products in a branch', async () => {
    const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 48])
      s = ReduceSum(x) {keepdims: 0}
      c = Greater(s, float32 0.0)
      h = If(c) {then_branch: { () -> (p)
        e = Tanh(x)
        p = MatMul(e, float32[64, 64]) }, else_branch: { () -> (q)
        q = Tanh(x) }}
      y = MatMul(h, float32[64, 48])`)
    const { notes } = await shop.run(quantizeWeights, model, { smallest: 0, method: 'gptq' }, await correlated(64))
    expect(notes!.join(' ')).toContain('Of these 1 product lies in a loop or branch')
  })

  it('without samples says what is missing', async () => {
    await expect(shop.run(quantizeWeights, two, { smallest: 0, method: 'gptq' })).rejects.toThrow(/GPTQ needs samples/)
  })
})

describe.skipIf(!existsSync('../shared/models'))('widths by what weights do', () => {
  it('gives the projections of attention, other products, logits and embeddings their own', async () => {
    const model = openModel('../shared/models/text_bert/model.onnx')
    const { parts } = await shop.run(quantizeWeights, model, { bits: 2, attention: 4, output: 8, embeddings: 8, method: 'rtn' })
    const widths: Record<string, number> = {}
    for (const node of parts[0]!.graph.nodes) {
      if (node.opType !== 'MatMulNBits' && node.opType !== 'GatherBlockQuantized') continue
      const bits = node.attributes.get('bits')
      const key = `${node.opType} ${bits?.type === 'int' ? bits.value : '?'}`
      widths[key] = (widths[key] ?? 0) + 1
    }
    // Four layers: query, key, value and output; up and down; pooler; classifier; word and position tables (that of the types is small).
    expect(widths).toEqual({ 'MatMulNBits 4': 16, 'MatMulNBits 2': 9, 'MatMulNBits 8': 1, 'GatherBlockQuantized 8': 2 })
  })
})

describe.skipIf(!existsSync('../shared/models'))('on trained models', () => {
  it.each([4, 2])('text_llama at %i bits comes nearer by zero points that are real numbers than by codes', async (bits) => {
    const folder = '../shared/models/text_llama'
    const model = openModel(`${folder}/model.onnx`)
    const data = await shop.data(`${folder}/dataset.json`, model)
    const few = { ...data.evaluation!, table: { ...data.evaluation!.table, count: 32 } }
    const reference = await shop.outputs(model, few, { output: 'logits' })
    const of = async (method: string) => {
      const { parts } = await shop.run(quantizeWeights, model, { bits, method }, data)
      return sqnr(reference, await shop.outputs(parts[0]!, few, { output: 'logits' }))
    }
    expect(await of('hqq')).toBeGreaterThan((await of('rtn')) + 0.5)
  })

  it('text_llama at 4 bits comes nearer by gptq than by rounding', async () => {
    const folder = '../shared/models/text_llama'
    const model = openModel(`${folder}/model.onnx`)
    const data = await shop.data(`${folder}/dataset.json`, model)
    const few = { ...data.evaluation!, table: { ...data.evaluation!.table, count: 32 } }
    const reference = await shop.outputs(model, few, { output: 'logits' })
    const of = async (method: string) => {
      const { parts } = await shop.run(quantizeWeights, model, { method }, data)
      const outputs = await shop.outputs(parts[0]!, few, { output: 'logits' })
      return { loss: taskScore(outputs, few).crossEntropy, sqnr: sqnr(reference, outputs) }
    }
    const [rtn, gptq] = [await of('rtn'), await of('gptq')]
    expect(gptq.sqnr).toBeGreaterThan(rtn.sqnr + 4)
    expect(gptq.loss).toBeLessThan(taskScore(reference, few).crossEntropy + 0.01)
  })
})
