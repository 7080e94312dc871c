import { describe, expect, it } from 'vitest'
import { benchSchema } from '../../../core/api/bench.ts'
import { benchModels, recommend } from '../../../core/measure/bench.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const { path: folder, store } = await dataFolder()
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
    expect(found.recommended).toHaveLength(2)
  })

  it('that fix another batch say so', async () => {
    const model = modelOf('(x: float32[4, 3]) -> (y: float32[4, 3])\ny = Relu(x)')
    const path = `${folder}/fixed.onnx`
    await writeModel(model, path)
    const models = [{ path, model: openModel(path).freeze() }]
    expect(await problemIn(benchModels({ ...quick, models, batches: [2] }))).toMatchObject({ code: 'fixed-batch', where: { file: path } })
  })
})

it('the smallest batch with nearly the best throughput is recommended', () => {
  const latencyMs = { median: 1, low: 1, high: 1, p95: 1, p99: 1, runs: 1 }
  const at = (batch: number, throughput: number) => ({
    path: 'a.onnx',
    threads: 1,
    batch,
    throughput,
    latencyMs,
    loadMs: 1,
    firstRunMs: 1,
    peakMemoryBytes: 1,
    sizeBytes: 1,
  })
  expect(recommend([at(1, 100), at(2, 180), at(8, 205), at(4, 199)])).toMatchObject([{ batch: 4, throughput: 199 }])
})
