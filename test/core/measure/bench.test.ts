import { describe, expect, it } from 'vitest'
import { benchSchema } from '../../../core/api/bench.ts'
import { benchModels } from '../../../core/measure/bench.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const { path: folder, store, write } = await dataFolder()
const runtime = await testRuntime()
const quick = { runtime, store, manifest: null, provider: 'cpu', threads: [1], rounds: 3 }

describe('models on the bench', () => {
  it('are timed for every batch, against the first of them', async () => {
    const paths = ['samples/digits-cnn/model.onnx', 'samples/text-bert/model.onnx']
    const models = paths.map((path) => ({ path, model: openModel(path).freeze() }))
    const found = await benchModels({ ...quick, models, batches: [1, 2] })
    const shape = benchSchema.omit({ machine: true })
    expect(shape.parse(found)).toEqual(found)
    expect(found.models.map(({ path, batch }) => [path, batch])).toEqual([1, 2].flatMap((batch) => paths.map((path) => [path, batch])))
    expect(found.ratios.map(({ candidate, batch }) => [candidate, batch])).toEqual([1, 2].map((batch) => [paths[1], batch]))
    for (const { latencyMs, throughput, batch, sizeBytes, loadMs } of found.models) {
      expect(throughput).toBeCloseTo((1000 * batch) / latencyMs.median, 6)
      expect(latencyMs.runs).toBe(6)
      expect(sizeBytes).toBeGreaterThan(1e6)
      expect(loadMs).toBeGreaterThan(0)
    }
    expect(found.recommended?.map(({ of }) => of)).toEqual(['batch', 'batch'])
    expect(found.failed).toEqual([])
  })

  it('tell what was left out of the samples', async () => {
    const path = `${folder}/rows.onnx`
    await writeModel(modelOf('(x: float32[batch, 2]) -> (y: float32[batch, 2])\ny = Relu(x)'), path)
    await write('rows.csv', 'a,b\n1,2\n3\n5,6\n')
    const document = { lathe: 1, kind: 'table', evaluation: { file: 'rows.csv' }, metric: { kind: 'sqnr' }, columns: { x: ['a', 'b'] } }
    const manifest = await write('rows.json', document)
    const request = { ...quick, models: [{ path, model: openModel(path).freeze() }], manifest }
    expect(await problemIn(benchModels(request))).toMatchObject({ code: 'broken-sample' })
    expect((await benchModels({ ...request, skipBroken: true })).notes.join()).toMatch(/1 broken sample was left out: 1\./)
  })

  it('that fix another batch say so', async () => {
    const model = modelOf('(x: float32[4, 3]) -> (y: float32[4, 3])\ny = Relu(x)')
    const path = `${folder}/fixed.onnx`
    await writeModel(model, path)
    const models = [{ path, model: openModel(path).freeze() }]
    expect(await problemIn(benchModels({ ...quick, models, batches: [2] }))).toMatchObject({ code: 'fixed-batch', where: { file: path } })
  })
})

it.each([
  ['a scalar', '(x: float32[]) -> (y: float32[])\ny = Exp(x)'],
  ['a state', '(x: float32[batch, 4], h: float32[2, 4]) -> (y: float32[2, 4])\ny = Add(x, h)'],
])('a model that takes %s takes one sample in a run', async (name, text) => {
  const path = `${folder}/${name}.onnx`
  await writeModel(modelOf(text), path)
  const models = [{ path, model: openModel(path).freeze() }]
  expect(await problemIn(benchModels({ ...quick, models, batches: [4] }))).toMatchObject({
    ...{ code: 'fixed-batch', what: 'The model takes exactly 1 sample in a run, not 4' },
  })
  expect((await benchModels({ ...quick, models })).models).toMatchObject([{ batch: 1 }])
})

describe('sweeps', () => {
  const line = (more: string) => `opset 17\n(x: float32[batch, ${more}]) -> (y: float32[batch, ${more}])\ny = Relu(x)`

  it('go over lengths of the inputs, by the symbol that is one', async () => {
    const path = `${folder}/lengths.onnx`
    await writeModel(modelOf(line('tokens, 8')), path)
    const models = [{ path, model: openModel(path).freeze() }]
    const found = await benchModels({ ...quick, models, sequences: [4, 4096] })
    expect(found.models.map(({ sequence }) => sequence)).toEqual([4, 4096])
    expect(found.models[1]!.latencyMs.median).toBeGreaterThan(found.models[0]!.latencyMs.median)
    expect(await problemIn(benchModels({ ...quick, models, sequences: [4], symbol: 'batch' }))).toMatchObject({
      code: 'no-sequence',
      mend: expect.stringContaining('tokens'),
    })
  })

  it('tell the points that fail and keep the others', async () => {
    const path = `${folder}/sixteen.onnx`
    const text = '(x: float32[batch, tokens]) -> (y: float32[batch, 4, 4])\nshape = int64[3] {-1, 4, 4}\ny = Reshape(x, shape)'
    await writeModel(modelOf(text), path)
    const models = [{ path, model: openModel(path).freeze() }]
    const found = await benchModels({ ...quick, models, sequences: [16, 15] })
    expect(found.models.map(({ sequence }) => sequence)).toEqual([16])
    expect(found.failed).toMatchObject([{ sequence: 15, problem: { kind: 'runtime' } }])
  })

  it('do not guess which of several axes is meant, and do not stretch the samples of a dataset', async () => {
    const path = `${folder}/plane.onnx`
    await writeModel(modelOf(line('height, width')), path)
    const models = [{ path, model: openModel(path).freeze() }]
    expect(await problemIn(benchModels({ ...quick, models, sequences: [4] }))).toMatchObject({
      what: expect.stringContaining('height, width'),
    })
    const manifest = 'samples/text-bert/dataset.json'
    expect(await problemIn(benchModels({ ...quick, models, manifest, sequences: [4] }))).toMatchObject({ kind: 'usage' })
  })
})
