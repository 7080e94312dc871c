import { beforeAll, describe, expect, it } from 'vitest'
import { layerRowSchema } from '../../../core/api/report.ts'
import { type Compared, compareModels } from '../../../core/measure/compare.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { cleanUp } from '../../../core/passes/clean-up.ts'
import { fuse } from '../../../core/passes/fuse.ts'
import { quantizeStatic } from '../../../core/passes/quantize-static.ts'
import { workshop } from '../../support/pass-context.ts'

const bench = await workshop()
const { runtime, store } = bench
const threads = 1
/** A comparison takes about ten seconds of a quiet machine. */
const patience = 240_000

/** Layer rows that hold a convolution or a product. */
const weighted = ({ figures }: Compared) => figures.layers.filter(({ kind, sizeBytes }) => kind === 'layer' && sizeBytes.baseline > 500)
const decibels = (row: Compared['figures']['layers'][number]) => ('unavailable' in row.error ? Number.NaN : (row.error.sqnrDb ?? 200))

const cnn = 'samples/digits-cnn/model.onnx'
const manifest = 'samples/digits-cnn/dataset.json'

describe('a convolutional network in 8 bits, against the network as it was opened', () => {
  const compared = new Map<string, Compared>()

  beforeAll(async () => {
    const baseline = openModel(cnn).freeze()
    const data = await bench.data(manifest, baseline)
    let float = baseline
    for (const pass of [cleanUp, fuse]) float = (await bench.run(pass as typeof cleanUp, float)).parts[0]!
    for (const weights of ['full', 'pair-safe']) {
      const candidate = (await bench.run(quantizeStatic, float, { weights }, data)).parts[0]!.freeze()
      compared.set(
        weights,
        await compareModels({ runtime, store, baseline, candidate, lineage: 'recorded', data, provider: 'cpu', threads, rounds: 8 }),
      )
    }
  }, patience)

  const figuresOf = (weights: string) => (compared.get(weights) as Compared).figures

  it('has a row for each layer with its kernels, its time in both versions and its error as deployed', () => {
    const rows = weighted(compared.get('pair-safe') as Compared)
    expect(rows).toHaveLength(16)
    for (const row of rows) {
      expect(layerRowSchema.parse(row)).toEqual(row)
      expect(row.kernels.baseline.join()).toMatch(/Conv|Gemm/)
      expect(row.kernels.candidate.join()).toMatch(/QLinearConv|QGemm/)
      expect(row.sizeBytes.candidate).toBeLessThan(row.sizeBytes.baseline)
      expect(row.latencyMs.candidate).toBeGreaterThan(0)
      expect(row.layers.length).toBeLessThanOrEqual(4)
    }
    expect(
      figuresOf('pair-safe')
        .layers.map(({ kind }) => kind)
        .slice(-4),
    ).toEqual(['boundary cost', 'runtime would have done anyway', 'overhead', 'whole model'])
    expect(figuresOf('pair-safe').tied).toBeGreaterThanOrEqual(0.98)
  })

  it('loses nothing with weights that saturate nowhere', () => {
    const { accuracy, layers } = figuresOf('pair-safe')
    expect(accuracy).toMatchObject({ metric: 'accuracy', baseline: 0.99, samples: 400, verdict: 'no clear difference' })
    for (const row of weighted(compared.get('pair-safe') as Compared)) expect(decibels(row), row.names.join()).toBeGreaterThan(25)
    expect(layers.at(-1)?.kind).toBe('whole model')
  })

  it('shows the loss of plain weights where they saturate: from the first convolution on', async (context) => {
    const { int8DotProduct } = await runtime.info()
    if (int8DotProduct) context.skip('this CPU sums products of 8-bit integers in 32 bits: nothing saturates')
    const { accuracy } = figuresOf('full')
    expect(accuracy).toMatchObject({ verdict: 'worse' })
    for (const row of weighted(compared.get('full') as Compared)) expect(decibels(row), row.names.join()).toBeLessThan(15)
  })

  it('tells where an error starts from where it is carried: fed with the values of the baseline, only what saturates is off', async (context) => {
    const local = (weights: string) =>
      weighted(compared.get(weights) as Compared).map(({ error }) => ('unavailable' in error ? null : error.local))
    const known = local('pair-safe').filter((own) => own !== null)
    expect(known.length).toBeGreaterThan(12)
    for (const own of known) expect(own).toBeGreaterThan(30)
    const { int8DotProduct } = await runtime.info()
    if (int8DotProduct) context.skip('this CPU sums products of 8-bit integers in 32 bits: nothing saturates')
    const [stem, ...rest] = local('full')
    expect(stem).toBeLessThan(15)
    expect(rest.filter((own) => Number(own) > 30).length).toBeGreaterThan(11)
  })

  it('adds up: rows, conversions and overhead are the whole', () => {
    const { layers } = figuresOf('full')
    for (const side of ['baseline', 'candidate'] as const) {
      const ms = (kinds: string[]) =>
        layers.filter(({ kind }) => kinds.includes(kind)).reduce((sum, row) => sum + Number(row.latencyMs[side]), 0)
      const whole = ms(['whole model'])
      expect(Math.abs(ms(['layer', 'boundary cost', 'overhead']) / whole - 1)).toBeLessThan(0.02)
    }
  })
})

describe('any two models', () => {
  it(
    'that are the same file differ in nothing',
    async () => {
      const path = 'samples/text-bert/model.onnx'
      const [baseline, candidate] = [openModel(path).freeze(), openModel(path).freeze()]
      const { figures, notes, protocol } = await compareModels({
        runtime,
        store,
        baseline,
        candidate,
        lineage: 'matched',
        data: null,
        provider: 'cpu',
        threads,
        rounds: 8,
      })
      expect(figures.accuracy).toMatchObject({
        metric: 'sqnr',
        baseline: 200,
        candidate: 200,
        verdict: 'no clear difference',
        judgedOn: 'random inputs, seed 7',
      })
      expect(notes.join(' ')).toMatch(/accuracy was judged on random inputs/)
      expect(notes.join(' ')).toMatch(/values were matched by their numbers on a sample, and 100 % of the candidate's nodes/)
      const errors = figures.layers.flatMap(({ error }) => ('unavailable' in error ? [] : [error.maxAbs]))
      expect(errors.length).toBeGreaterThan(30)
      expect(Math.max(...errors)).toBeLessThan(1e-4)
      expect(protocol).toMatchObject({ level: 'all', batch: 1, rounds: 8, sessionOptions: { 'session.force_spinning_stop': '1' } })
    },
    patience,
  )

  it('of which one does not run: the runtime is quoted', async () => {
    const baseline = openModel('samples/digits-cnn/model.onnx').freeze()
    const broken = baseline.fork()
    const [node] = broken.graph.nodes.filter(({ opType }) => opType === 'Gemm')
    broken.graph.setAttributes(node!, { transB: { type: 'int', value: 0 } })
    const request = {
      runtime,
      store,
      baseline,
      candidate: broken.freeze(),
      lineage: 'recorded' as const,
      data: null,
      provider: 'cpu',
      threads,
    }
    await expect(compareModels(request)).rejects.toThrow(/onnxruntime/)
  })
})
