import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { quantizeDynamic } from '../../../core/passes/quantize-dynamic.ts'
import { modelOf, modelText } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, taskScore, workshop } from '../../support/pass-context.ts'

const shop = await workshop()

const feed = (dims: readonly number[], values: Float32Array) => ({ dtype: 'float32' as const, dims, data: new Uint8Array(values.buffer) })

const numbers = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)

describe('attention with packed weights', () => {
  const x = {
    x: feed(
      [2, 6, 32],
      Float32Array.from({ length: 384 }, (_, i) => Math.sin(i * 1.3)),
    ),
  }

  it('computes its projections in 8 bits, causal ones and grouped by mask too', async () => {
    for (const attributes of ['{num_heads: 4}', '{num_heads: 4, unidirectional: 1}']) {
      const model = modelOf(`(x: float32[batch, length, 32]) -> (y: float32[batch, length, 32])
        y = com.microsoft.Attention(x, float32[32, 96], float32[96]) ${attributes}`)
      const { parts, notes } = await shop.run(quantizeDynamic, model)
      expect(await shop.kernels(parts[0]!)).toEqual({ DynamicQuantizeLinear: 1, 'com.microsoft.QAttention': 1 })
      expect(notes?.join(' ')).toContain('The projections of 1 attention are computed in 8 bits.')
      const before = await shop.context().execute(model, x, ['y'])
      const after = await shop.context().execute(parts[0]!, x, ['y'])
      expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(30)
    }
  })

  it('stays in float where it has a bias of its scores, which the 8-bit operator lacks', async () => {
    const model = modelOf(`(x: float32[batch, length, 32]) -> (y: float32[batch, length, 32])
      y = com.microsoft.Attention(x, float32[32, 96], float32[96], _, _, float32[1, 4, 6, 6]) {num_heads: 4}`)
    const { changed } = await shop.run(quantizeDynamic, model)
    expect(changed).toBe(false)
  })
})

describe('adaptive rounding', () => {
  it('loses less than the nearest levels where inputs vary together, and needs samples', async () => {
    const model = modelOf('(x: float32[batch, 64]) -> (y: float32[batch, 48])\ny = MatMul(x, float32[64, 48])')
    const data = await madeUpData(shop, { name: 'x', dims: [64], count: 64 }, (i) => Math.sin(i / 640) + 0.05 * Math.sin(i * i))
    const errorWith = async (options: object, samples = data) => {
      const { parts } = await shop.run(quantizeDynamic, model, options, samples)
      return sqnr(await shop.outputs(model, data.evaluation!), await shop.outputs(parts[0]!, data.evaluation!))
    }
    const nearest = await errorWith({})
    expect(await errorWith({ rounding: 'adaptive' })).toBeGreaterThan(nearest + 1)
    expect(await errorWith({ rounding: 'adaptive' }, { ...data, calibration: null })).toBe(nearest)
  })

  it('names the activation that a sample makes no number', async () => {
    const model = modelOf('(x: float32[batch, 64]) -> (y: float32[batch, 48])\nl = Log(x)\ny = MatMul(l, float32[64, 48])')
    const data = await madeUpData(shop, { name: 'x', dims: [64], count: 4 }, (i) => i % 100)
    await expect(shop.run(quantizeDynamic, model, { rounding: 'adaptive' }, data)).rejects.toThrow(
      /3 of 256 elements of an activation are NaN or/,
    )
  })
})

describe('a bias that stands in the sum with a residual', () => {
  it('is added right behind the product, where the runtime takes it into the 8-bit kernel', async () => {
    const model = modelOf(`(x: float32[batch, length, 32], r: float32[batch, length, 48]) -> (y: float32[batch, length, 48])
      m = MatMul(x, float32[32, 48])
      y = Sum(m, float32[48], r)`)
    const part = (await shop.run(quantizeDynamic, model)).parts[0]!
    expect(await shop.kernels(part)).toEqual({ 'com.microsoft.DynamicQuantizeMatMul': 1, Sum: 1 })
    const feeds = {
      x: feed(
        [2, 6, 32],
        Float32Array.from({ length: 384 }, (_, i) => Math.sin(i * 1.3)),
      ),
      r: feed([2, 6, 48], new Float32Array(576).fill(0.5)),
    }
    const [before, after] = await Promise.all([model, part].map((each) => shop.context().execute(each, feeds, ['y'])))
    expect(sqnr(numbers(before!.y!.data), numbers(after!.y!.data))).toBeGreaterThan(30)
  })
})

describe('the form', () => {
  it('is what the runtime fuses to one kernel, bias included', async () => {
    const model = modelOf('(x: float32[batch, 64]) -> (y: float32[batch, 32])\nh = MatMul(x, float32[64, 32])\ny = Add(h, float32[32])')
    const { parts, changed } = await shop.run(quantizeDynamic, model)
    expect(changed).toBe(true)
    expect(modelText(parts[0]!, { names: 'canonical' })).toMatchInlineSnapshot(`
      "opset 21, com.microsoft 1
      (x: float32[batch, 64]) -> (y: float32[batch, 32])
      %1, %2, %3 = DynamicQuantizeLinear(x)
      %4 = MatMulInteger(%1, int8[64, 32], %3)
      %5 = Cast(%4) {to: 1}
      %6 = Mul(%2, float32[32])
      %7 = Mul(%5, %6)
      y = Add(%7, float32[32])"
    `)
    expect(await shop.kernels(parts[0]!)).toEqual({ 'com.microsoft.DynamicQuantizeMatMul': 1 })
  })

  it('lets products of one activation share its quantizer', async () => {
    const model = modelOf(
      '(x: float32[batch, 64]) -> (q: float32[batch, 32], k: float32[batch, 32])\nq = MatMul(x, float32[64, 32])\nk = MatMul(x, float32[64, 32])',
    )
    const { parts } = await shop.run(quantizeDynamic, model)
    expect(await shop.kernels(parts[0]!)).toEqual({ DynamicQuantizeLinear: 1, 'com.microsoft.MatMulIntegerToFloat': 2 })
  })

  it('of a Gemm keeps its factors and its transposed weight', async () => {
    const model = modelOf(
      '(x: float32[batch, 64]) -> (y: float32[batch, 32])\ny = Gemm(x, float32[32, 64], float32[32]) {transB: 1, alpha: 0.5, beta: 2.0}',
    )
    const x = {
      x: feed(
        [4, 64],
        Float32Array.from({ length: 256 }, (_, i) => Math.sin(i)),
      ),
    }
    const before = await shop.context().execute(model, x, ['y'])
    const { parts } = await shop.run(quantizeDynamic, model)
    const after = await shop.context().execute(parts[0]!, x, ['y'])
    expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(35)
  })

  it('of a tied embedding keeps one table for the look-up and the product', async () => {
    const model = modelOf(`(ids: int64[n]) -> (y: float32[n, 96])
      table = float32[96, 32]
      h = Gather(table, ids)
      t = Transpose(table) {perm: [1, 0]}
      y = MatMul(h, t)`)
    const { parts } = await shop.run(quantizeDynamic, model)
    const stored = parts[0]!.graph.initializers.filter(({ type }) => type?.kind === 'tensor' && type.dtype === 'int8')
    expect(stored.map(({ initializer }) => initializer!.ref.dims)).toEqual([[96, 32]])
    expect(parts[0]!.graph.initializers.some(({ initializer }) => initializer!.ref.length > 96 * 8)).toBe(true)
    const ids = {
      ids: { dtype: 'int64' as const, dims: [96], data: new Uint8Array(BigInt64Array.from({ length: 96 }, (_, i) => BigInt(i)).buffer) },
    }
    const before = await shop.context().execute(model, ids, ['y'])
    const after = await shop.context().execute(parts[0]!, ids, ['y'])
    expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(30)
  })

  it('of a table that is looked up and multiplied by as it is and transposed has scales for each reading', async () => {
    const model = modelOf(`(ids: int64[n]) -> (y: float32[n, 64])
      table = float32[64, 64]
      h = Gather(table, ids)
      a = MatMul(h, table)
      t = Transpose(table) {perm: [1, 0]}
      b = MatMul(a, t)
      y = Gemm(b, table) {transB: 1}`)
    const ids = { ids: { dtype: 'int64' as const, dims: [2], data: new Uint8Array(BigInt64Array.of(5n, 63n).buffer) } }
    const before = await shop.context().execute(model, ids, ['y'])
    for (const weights of ['pair-safe', 'u8'] as const) {
      const { parts } = await shop.run(quantizeDynamic, model, { weights })
      const after = await shop.context().execute(parts[0]!, ids, ['y'])
      expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(30)
    }
  })

  it('of a fused embedding takes it apart, so that its tables shrink too', async () => {
    const model = modelOf(`opset 17, com.microsoft 1
      (ids: int32[n, s], segments: int32[n, s]) -> (y: float32[n, s, 64])
      e, _ = com.microsoft.EmbedLayerNormalization(ids, segments, float32[100, 64], float32[16, 64], float32[2, 64], float32[64] positive, float32[64]) {epsilon: 1e-12}
      y = MatMul(e, float32[64, 64])`)
    const tokens = (most: number) => ({
      dtype: 'int32' as const,
      dims: [2, 8],
      data: new Uint8Array(Int32Array.from({ length: 16 }, (_, i) => (i * 7) % most).buffer),
    })
    const feeds = { ids: tokens(100), segments: tokens(2) }
    const { parts } = await shop.run(quantizeDynamic, model, { smallest: 0 })
    const [before, after] = [await shop.context().execute(model, feeds, ['y']), await shop.context().execute(parts[0]!, feeds, ['y'])]
    expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(30)
    const stored = parts[0]!.graph.initializers.map(({ initializer }) => initializer!.ref)
    expect(stored.filter(({ dtype }) => dtype === 'int8').map(({ dims }) => dims)).toEqual(
      expect.arrayContaining([
        [100, 64],
        [16, 64],
        [2, 64],
        [64, 64],
      ]),
    )
  })

  it.each([
    ['LSTM', 'forward', 1, { 'com.microsoft.DynamicQuantizeLSTM': 1 }],
    ['LSTM', 'bidirectional', 2, { 'com.microsoft.DynamicQuantizeLSTM': 1 }],
    ['GRU', 'bidirectional', 2, { GRU: 1, DequantizeLinear: 2 }],
  ])('of a %s, %s', async (operator, direction, directions, kernels) => {
    const gates = (operator === 'LSTM' ? 4 : 3) * 24
    const model = modelOf(`(x: float32[6, 2, 40]) -> (y: float32[6, ${directions}, 2, 24])
      y, h = ${operator}(x, float32[${directions}, ${gates}, 40], float32[${directions}, ${gates}, 24], float32[${directions}, ${2 * gates}]) {hidden_size: 24, direction: "${direction}"}`)
    const x = {
      x: feed(
        [6, 2, 40],
        Float32Array.from({ length: 480 }, (_, i) => Math.sin(i)),
      ),
    }
    const { parts } = await shop.run(quantizeDynamic, model)
    const [before, after] = [await shop.context().execute(model, x, ['y']), await shop.context().execute(parts[0]!, x, ['y'])]
    expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(25)
    expect(await shop.kernels(parts[0]!)).toMatchObject(kernels)
  })

  it('of a convolution comes only on request, with a warning', async () => {
    const model = modelOf('(x: float32[1, 8, 6, 6]) -> (y: float32[1, 16, 4, 4])\ny = Conv(x, float32[16, 8, 3, 3], float32[16])')
    expect((await shop.run(quantizeDynamic, model)).changed).toBe(false)
    const { parts, notes } = await shop.run(quantizeDynamic, model, { convolutions: true })
    expect(notes?.join()).toMatch(/slower than in float/)
    const x = {
      x: feed(
        [1, 8, 6, 6],
        Float32Array.from({ length: 288 }, (_, i) => Math.cos(i)),
      ),
    }
    const before = await shop.context().execute(model, x, ['y'])
    const after = await shop.context().execute(parts[0]!, x, ['y'])
    expect(sqnr(numbers(before.y!.data), numbers(after.y!.data))).toBeGreaterThan(35)
  })
})

describe('the worst case: every activation at 255', () => {
  // Positive weights of nearly one size: at full range every pair is past the limit.
  const model = modelOf('(x: float32[batch, 255]) -> (y: float32[batch, 16])\nw = float32[255, 16] positive\ny = MatMul(x, w)')
  const x = feed([1, 255], new Float32Array(255).fill(1))

  /** What integer arithmetic without a 16-bit sum gives. */
  async function exact(options: object): Promise<{ measured: Float32Array; reference: number[] }> {
    const { parts } = await shop.run(quantizeDynamic, model, options)
    const constant = (dtype: string) =>
      parts[0]!.graph.initializers.find(({ initializer }) => initializer!.ref.dtype === dtype)!.initializer!
    const weights = numbersOf(constant('int8'))
    const scales = numbersOf(constant('float32'))
    const outputs = await shop.runtime.execute({
      session: { model: await shop.file(parts[0]!), level: 'all', provider: 'cpu', threads: 1 },
      feeds: { x },
      wanted: ['y'],
    })
    const sum = (n: number) => Array.from({ length: 255 }, (_, k) => weights[k * 16 + n]!).reduce((a, b) => a + b)
    return { measured: numbers(outputs.y!.data), reference: Array.from({ length: 16 }, (_, n) => (sum(n) * 255 * scales[n]!) / 255) }
  }

  it('is exact with pair-safe weights on any CPU', async () => {
    const { measured, reference } = await exact({})
    measured.forEach((value, n) => {
      expect(Math.abs(value / reference[n]! - 1)).toBeLessThan(1e-6)
    })
  })

  it('and not with the full range where 16-bit sums saturate', async (context) => {
    const { int8DotProduct } = await shop.runtime.info()
    if (int8DotProduct) context.skip('this CPU adds products in 32 bits')
    const { measured, reference } = await exact({ weights: 'full' })
    expect(Math.max(...measured)).toBeLessThan(0.9 * Math.max(...reference))
  })
})

describe('what it leaves alone', () => {
  const text = '(x: float32[batch, 64]) -> (y: float32[batch, 64])\nh = MatMul(x, float32[64, 64])\ny = MatMul(h, float32[64, 64])'

  it('is what the user keeps, said in a note', async () => {
    const model = modelOf(text)
    const { parts, notes } = await shop.run(quantizeDynamic, model, { keep: ['#1'] })
    expect(await shop.kernels(parts[0]!)).toEqual({ 'com.microsoft.DynamicQuantizeMatMul': 1, MatMul: 1 })
    expect(notes?.join()).toMatch(/kept as asked/)
  })

  it('refuses to keep what is not there', async () => {
    await expect(shop.run(quantizeDynamic, modelOf(text), { keep: ['layer.9'] })).rejects.toThrow(/'layer\.9' is to be kept/)
  })

  it('refuses weights that are not finite, by name', async () => {
    const model = modelOf('(x: float32[batch, 64]) -> (y: float32[batch, 64])\nw = float32[64, 64]\ny = MatMul(x, w)')
    const weight = model.graph.find('w')!
    new Float32Array(weight.constant!.read().buffer, weight.constant!.read().byteOffset, 1)[0] = Number.NaN
    await expect(shop.run(quantizeDynamic, model)).rejects.toThrow(/NaN or infinite.*tensor w/)
  })

  it('refuses operator sets without 8-bit arithmetic that cannot be raised', async () => {
    const text =
      'opset 9\n(x: float32[batch, 64]) -> (y: float32[batch, 64])\na = MatMul(x, float32[64, 64])\ny = ParametricSoftplus(a) {alpha: 1.0, beta: 1.0}'
    await expect(shop.run(quantizeDynamic, modelOf(text))).rejects.toThrow(/ParametricSoftplus cannot be raised to opset 11/)
  })
})

/** The best figures that other tools reach on these models at the same size, and the bytes of the smallest of those files. */
const peers = {
  digits_vit: { accuracy: 0.975, sqnr: 38.6, bytes: 557487 },
  text_gpt2: { crossEntropy: 2.1085, sqnr: 40.3, bytes: 1021075 },
}

describe.skipIf(!existsSync('../shared/models'))('on trained models', () => {
  it.each(Object.entries(peers))('%s is at least as good as what other tools make of it', async (name, best) => {
    const folder = `../shared/models/${name}`
    const model = openModel(`${folder}/model.onnx`)
    const data = await shop.data(`${folder}/dataset.json`, model)
    const reference = await shop.outputs(model, data.evaluation!, { output: 'logits' })
    const { parts } = await shop.run(quantizeDynamic, model)
    const outputs = await shop.outputs(parts[0]!, data.evaluation!, { output: 'logits' })
    const score = taskScore(outputs, data.evaluation!)
    expect(sqnr(reference, outputs)).toBeGreaterThanOrEqual(best.sqnr)
    if ('accuracy' in best) expect(score.accuracy).toBeGreaterThanOrEqual(best.accuracy)
    else expect(score.crossEntropy).toBeLessThanOrEqual(best.crossEntropy)
  })
})
