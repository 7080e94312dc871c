import { beforeAll, describe, expect, it } from 'vitest'
import { layerRowSchema } from '../../../core/api/report.ts'
import { pick } from '../../../core/data/samples.ts'
import { type Compared, compareModels } from '../../../core/measure/compare.ts'
import { untiedNote } from '../../../core/measure/layer-table.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { quantizeDynamic } from '../../../core/passes/quantize-dynamic.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const place = await workshop()
const { runtime, store } = place
/** Little of everything: what is claimed here does not rest on times. */
const quick = { runtime, store, provider: 'cpu', threads: 1, rounds: 5, profiles: 1 }

/** What stands in intervals. */
const profiles = 2

describe('a transformer in 8 bits, against the file as it was opened', () => {
  let compared: Compared
  const steps: string[] = []

  beforeAll(async () => {
    const baseline = openModel('samples/text-bert/model.onnx').freeze()
    const data = await place.data('samples/text-bert/dataset.json', baseline)
    const evaluation = await pick(data.evaluation!, [...Array(40).keys()], { description: '40 questions', store })
    const candidate = (await place.run(quantizeDynamic, baseline)).parts[0]!.freeze()
    const onProgress = (step: string, done: number) => steps.push(`${done} ${step}`)
    compared = await compareModels({
      ...quick,
      profiles,
      baseline,
      candidate,
      lineage: 'recorded',
      data: { ...data, evaluation },
      onProgress,
    })
  }, 240_000)

  const rows = () => compared.figures.layers

  it('has rows of layers with kernels, times, sizes and errors, by the published schema', () => {
    for (const row of rows()) expect(layerRowSchema.parse(row)).toEqual(row)
    const linear = rows().filter(({ role, kind }) => kind === 'layer' && role === 'linear')
    expect(linear.length).toBeGreaterThan(20)
    for (const row of linear) {
      expect(row.sizeBytes.candidate).toBeLessThan(row.sizeBytes.baseline / 2)
      expect(row.kernels.candidate.join()).toMatch(/Integer|DynamicQuantize/)
      expect(row.error).toMatchObject({ sqnrDb: expect.any(Number), maxAbs: expect.any(Number) })
      expect(row.cost?.flops).toBeGreaterThan(0)
    }
    for (const { kind, latencyMs } of rows()) {
      const { intervals, baseline, candidate } = latencyMs
      if (kind === 'runtime would have done anyway') continue
      expect(intervals?.baseline.low).toBeLessThanOrEqual(Number(baseline))
      expect(intervals?.candidate.high).toBeGreaterThanOrEqual(Number(candidate))
      expect(intervals?.level).toBe(kind === 'whole model' ? 0.95 : 1 - 2 ** (1 - profiles))
    }
    const tail = ['boundary cost', 'runtime would have done anyway', 'overhead', 'whole model']
    expect(
      rows()
        .slice(-4)
        .map(({ kind }) => kind),
    ).toEqual(tail)
    expect(compared.figures.tied).toBeGreaterThanOrEqual(0.98)
  })

  it('adds up: rows, conversions and overhead are the whole', () => {
    for (const side of ['baseline', 'candidate'] as const) {
      const ms = (kinds: string[]) =>
        rows()
          .filter(({ kind }) => kinds.includes(kind))
          .reduce((sum, row) => sum + Number(row.latencyMs[side]), 0)
      expect(ms(['layer', 'shape arithmetic', 'boundary cost', 'overhead']) / ms(['whole model'])).toBeCloseTo(1, 6)
    }
  })

  it('has what is computed from shapes alone in one row, which is no layer', () => {
    const shapes = rows().filter(({ kind }) => kind === 'shape arithmetic')
    expect(shapes).toHaveLength(1)
    expect(shapes[0]).toMatchObject({ role: 'shape arithmetic', error: { unavailable: 'the row has no value of its own' } })
    expect(shapes[0]!.layers.length).toBeGreaterThan(0)
    expect(shapes[0]!.kernels.baseline).toContain('Shape')
    const layers = rows().filter(({ kind }) => kind === 'layer')
    for (const { kernels, names } of layers) expect(new Set(kernels.baseline), names.join()).not.toEqual(new Set(['Shape']))
  })

  it('judges the task on the samples it was given, and says how', () => {
    expect(compared.figures.accuracy).toMatchObject({ metric: 'accuracy', samples: 40, judgedOn: '40 questions' })
    expect(compared.protocol).toMatchObject({ level: 'all', batch: 1, rounds: 5, sessionOptions: { 'session.force_spinning_stop': '1' } })
    const start = { runs: 10, loadMs: expect.any(Number), firstRunMs: expect.any(Number) }
    expect(compared.figures.latencyMs).toMatchObject({ baseline: start, candidate: start })
    expect(compared.figures.peakMemoryBytes).toMatchObject({ baseline: expect.any(Number), candidate: expect.any(Number) })
    // Each is told when it begins.
    expect(steps).toEqual(['0 prepare', '1 check', '2 profile', '3 time', '4 memory', '5 accuracy', '6 layers'])
  })
})

describe('any two models', () => {
  it('that are the same file differ in nothing', async () => {
    const [baseline, candidate] = [1, 2].map(() => openModel('samples/digits-cnn/model.onnx').freeze())
    const { figures, notes } = await compareModels({ ...quick, baseline: baseline!, candidate: candidate!, lineage: 'matched', data: null })
    expect(figures.accuracy).toMatchObject({
      metric: 'sqnr',
      baseline: 200,
      candidate: 200,
      verdict: 'no clear difference',
      judgedOn: 'random inputs, seed 7',
    })
    expect(notes.join(' ')).toMatch(/accuracy was judged on random inputs/)
    expect(notes.join(' ')).toMatch(/values were found again by their numbers on a sample; 100 % of the candidate's nodes/)
    const errors = figures.layers.flatMap(({ error }) => ('unavailable' in error ? [] : [error.maxAbs]))
    expect(errors.length).toBeGreaterThan(15)
    expect(Math.max(...errors)).toBe(0)
  }, 240_000)

  it('of which one does not run: the runtime is quoted', async () => {
    const baseline = openModel('samples/digits-cnn/model.onnx').freeze()
    const broken = baseline.fork()
    const [node] = broken.graph.nodes.filter(({ opType }) => opType === 'Gemm')
    broken.graph.setAttributes(node!, { transB: { type: 'int', value: 0 } })
    await expect(compareModels({ ...quick, baseline, candidate: broken.freeze(), lineage: 'recorded', data: null })).rejects.toThrow(
      /onnxruntime/,
    )
  })
})

it('what belongs to no layer is named', () => {
  const { graph } = modelOf('(x: float32[2]) -> (y: float32[2])\na = Relu(x)\nb = Relu(a)\ny = Cast(b) {to: 1}')
  expect(untiedNote(0.9, { untied: { baseline: [], candidate: graph.nodes } })).toBe(
    "10.0 % of the candidate's kernel time belongs to no layer that could be found (Relu ×2, Cast); it stands under overhead.",
  )
})
