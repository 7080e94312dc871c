import { describe, expect, it } from 'vitest'
import type { SampleData } from '../../../core/data/open.ts'
import type { DType } from '../../../core/ir/dtype.ts'
import type { Model } from '../../../core/ir/model.ts'
import { float32Tensor, floatsOf, tensorFrom } from '../../../core/ir/numbers.ts'
import { countOf } from '../../../core/ir/tensor.ts'
import { verifyModel } from '../../../core/ir/verify.ts'
import { modelOf } from '../../support/graph.ts'
import { passOf, sqnr, workshop } from '../../support/pass-context.ts'

const shop = await workshop()

interface Odd {
  readonly model: Model
  /** Of one sample. */
  readonly dims: readonly number[]
  readonly dtype?: DType
}

/** The model with other numbers in the constants that a test picks by their name. */
function changed(model: Model, name: string, change: (numbers: Float32Array) => void): Model {
  const value = model.graph.find(name)!
  const numbers = floatsOf(value.constant!).slice()
  change(numbers)
  model.graph.setInitializer(value, float32Tensor(value.constant!.ref.dims, numbers))
  return model
}

const recurrent = (operator: string, gates: number) =>
  modelOf(`(x: float32[n, 8, 24]) -> (y: float32[8, 1, n, 32])
    t = Transpose(x) {perm: [1, 0, 2]}
    y, _ = ${operator}(t, float32[1, ${32 * gates}, 24], float32[1, ${32 * gates}, 32], float32[1, ${64 * gates}]) {hidden_size: 32}`)

/** Nodes have names, as exporters give them; the runtime refuses two of one name. */
function named(model: Model): Model {
  model.graph.nodes.forEach((node, index) => {
    model.graph.renameNode(node, `${node.opType}_${index}`)
  })
  return model
}

const odd: Readonly<Record<string, Odd>> = {
  'products that read each other': {
    dims: [64],
    model: modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
      a = Gemm(x, float32[64, 48], float32 0.5)
      b = Gemm(a, float32[48, 48], float32[1, 48])
      c = MatMul(b, float32[48, 40])
      y = Gemm(c, float32[40, 32], float32[32])`),
  },
  'a computed bias that another product makes': {
    dims: [64],
    model: modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
      c = MatMul(x, float32[64, 32])
      y = Gemm(x, float32[64, 32], c)`),
  },
  'products without anything to sum, and without a result': {
    dims: [64],
    model: modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32], none: float32[n, 0])
      e = MatMul(float32[4, 0], float32[0, 32])
      s = ReduceSum(e)
      none = MatMul(x, float32[64, 0])
      h = MatMul(x, float32[64, 32])
      y = Add(h, s)`),
  },
  'a table that is the output layer too': {
    dims: [6],
    dtype: 'int64',
    model: modelOf(`(x: int64[n, 6]) -> (y: float32[n, 6, 200])
      E = float32[200, 64]
      h = Gather(E, x)
      t = Transpose(E) {perm: [1, 0]}
      a = MatMul(h, float32[64, 64])
      y = MatMul(a, t)`),
  },
  'a tied table whose rows are no whole blocks of 32': {
    dims: [6],
    dtype: 'int64',
    model: modelOf(`(x: int64[n, 6]) -> (y: float32[n, 6, 200])
      E = float32[200, 48]
      h = Gather(E, x)
      t = Transpose(E) {perm: [1, 0]}
      y = MatMul(h, t)`),
  },
  'branches that read weights from outside': {
    dims: [64],
    model: modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
      w = float32[64, 32]
      s = ReduceSum(x) {keepdims: 0}
      c = Greater(s, float32 0.0)
      y = If(c) {then_branch: { () -> (a)
        a = MatMul(x, w) }, else_branch: { () -> (b)
        h = MatMul(x, float32[64, 48])
        b = MatMul(h, float32[48, 32]) }}`),
  },
  'two weights a million times the others': {
    dims: [64],
    model: changed(modelOf('(x: float32[n, 64]) -> (y: float32[n, 32])\nw = float32[64, 32]\ny = MatMul(x, w)'), 'w', (numbers) => {
      numbers[5] = 1e6
      numbers[99] = -1e6
    }),
  },
  'channels of zeros': {
    dims: [16, 8, 8],
    model: changed(
      modelOf(`(x: float32[n, 16, 8, 8]) -> (y: float32[n, 32, 8, 8])
        w = float32[32, 16, 3, 3]
        h = Conv(x, w, float32[32]) {pads: [1, 1, 1, 1]}
        y = Relu(h)`),
      'w',
      (numbers) => numbers.fill(0, 144, 432),
    ),
  },
  'a GRU': { dims: [8, 24], model: named(recurrent('GRU', 3)) },
  'an LSTM': { dims: [8, 24], model: named(recurrent('LSTM', 4)) },
  'operator set 7': {
    dims: [3, 12, 12],
    model: modelOf(`opset 7
      (x: float32[n, 3, 12, 12]) -> (y: float32[n, 10])
      c = Conv(x, float32[16, 3, 3, 3], float32[16]) {kernel_shape: [3, 3]}
      b = BatchNormalization(c, float32[16] positive, float32[16], float32[16], float32[16] positive)
      r = Relu(b)
      p = GlobalAveragePool(r)
      f = Flatten(p)
      y = Gemm(f, float32[16, 10], float32[10])`),
  },
}

/** Passes, with the least decibels that a sound result has. */
const passes: readonly (readonly [id: string, options: object, least: number])[] = [
  ['quantize-dynamic', { smallest: 0, convolutions: true }, 25],
  ['quantize-static', { smallest: 0 }, 25],
  ['quantize-static', { smallest: 0, format: 'qoperator' }, 25],
  ['quantize-weights', { smallest: 0 }, 10],
  ['quantize-weights', { smallest: 0, form: 'qdq' }, 10],
  ['quantize-weights', { smallest: 0, bits: 4, output: 4, method: 'hqq', embeddings: 8 }, 10],
  ['convert-float16', {}, 50],
  ['mixed-precision', { budget: { decibels: 15 }, studySeconds: 0 }, 15],
  ['smooth-quant', {}, 80],
  ['equalize-layers', {}, 80],
]

const count = 16

async function samplesFor({ dims, dtype = 'float32' }: Odd): Promise<SampleData> {
  const element = (i: number) => (dtype === 'int64' ? (i * 7919) % 200 : Math.sin(i * 0.37) + Math.cos(i * 1.3) + 0.3 * Math.sin(i * i))
  const numbers = Array.from({ length: count * countOf(dims) }, (_, i) => element(i))
  const { id } = await shop.store.put(tensorFrom(dtype, [numbers.length], numbers).read())
  const table = { id: `${id} ${dims}`, count, inputs: [{ name: 'x', dtype, dims, file: shop.store.pathOf(id), offset: 0 }] }
  const samples = { table, labels: null, labelColumn: null, description: 'made up' }
  return {
    ...{ calibration: samples, selection: samples, evaluation: samples, metric: { kind: 'sqnr' as const } },
    ...{ random: true, notes: [], preparationMs: 0 },
  }
}

describe.each(Object.entries(odd))('%s', (_, each) => {
  it.each(passes)('survives %s %j', async (id, options, least) => {
    const data = await samplesFor(each)
    const { parts } = await shop.run(passOf(id), each.model, options, data)
    expect(verifyModel(parts[0]!)).toEqual([])
    const reference = await shop.outputs(each.model, data.evaluation!, { output: 'y' })
    for (const level of ['disabled', 'all'] as const)
      expect(sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!, { output: 'y', level }))).toBeGreaterThan(least)
  })
})

it('a tied table is stored once, however wide the output layer is to be', async () => {
  for (const name of ['a table that is the output layer too', 'a tied table whose rows are no whole blocks of 32']) {
    const { parts } = await shop.run(passOf('quantize-weights'), odd[name]!.model, {
      smallest: 0,
      output: 4,
      embeddings: 8,
    })
    const codes = parts[0]!.graph.initializers.filter(
      ({ initializer }) => initializer!.ref.dtype === 'uint8' && initializer!.ref.length >= 9600,
    )
    expect(codes.map(({ name }) => name)).toEqual(['E_blocks'])
  }
})

it('a model that takes two samples in every run is tried on two at a time', async () => {
  const model = modelOf(`(x: float32[2, 4, 12, 12]) -> (y: float32[2, 8, 10, 10])
    c = Conv(x, float32[8, 4, 3, 3], float32[8])
    y = Relu(c)`)
  const data = await samplesFor({ model, dims: [4, 12, 12] })
  const options = { budget: { decibels: 20 }, samples: 5, revertSlower: false }
  const { parts, notes, sensitivity } = await shop.run(passOf('mixed-precision'), model, options, data)
  expect(parts[0]!.graph.nodes.filter(({ opType }) => opType === 'QuantizeLinear')).not.toEqual([])
  expect(sensitivity?.samples).toBe(4)
  expect(notes?.join(' ')).toContain('dB on 16 samples that the search never saw')
})

it('what a user keeps stays in float in a mixture, look-ups and recurrent operators too', async () => {
  const { model } = odd['a table that is the output layer too']!
  const data = await samplesFor(odd['a table that is the output layer too']!)
  const options = { budget: { decibels: -100 }, studySeconds: 0, revertSlower: false }
  const mixed = passOf('mixed-precision')
  const operators = ({ graph }: Model) => graph.nodes.map(({ opType, inputs }) => `${opType} ${inputs[0]?.constant?.ref.dtype ?? ''}`)
  expect(operators((await shop.run(mixed, model, options, data)).parts[0]!)).toContain('Gather int8')
  const kept = await shop.run(
    mixed,
    model,
    { ...options, keep: [`#${model.graph.nodes.find(({ opType }) => opType === 'Gather')!.id}`] },
    data,
  )
  expect(operators(kept.parts[0]!)).toContain('Gather float32')
  const lstm = odd['an LSTM']!
  const one = ['LSTM_1']
  const free = await shop.run(mixed, lstm.model, options, await samplesFor(lstm))
  expect(free.parts[0]!.graph.nodes.map(({ opType }) => opType)).toContain('DynamicQuantizeLSTM')
  const untouched = await shop.run(mixed, named(twoLstms()), { ...options, keep: one }, await samplesFor(lstm))
  expect(untouched.parts[0]!.graph.nodes.map(({ opType }) => opType).filter((type) => /LSTM/.test(type))).toEqual([
    'LSTM',
    'DynamicQuantizeLSTM',
  ])
})

const twoLstms = () =>
  modelOf(`(x: float32[n, 8, 24]) -> (y: float32[8, 1, n, 32])
    t = Transpose(x) {perm: [1, 0, 2]}
    h, _ = LSTM(t, float32[1, 128, 24], float32[1, 128, 32]) {hidden_size: 32}
    s = Squeeze(h, int64[1] ones)
    y, _ = LSTM(s, float32[1, 128, 32], float32[1, 128, 32]) {hidden_size: 32}`)
