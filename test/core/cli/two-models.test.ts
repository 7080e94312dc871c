import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { comparisonSchema, exportedSchema } from '../../../core/api/answers.ts'
import { benchSchema } from '../../../core/api/bench.ts'
import { diffSchema } from '../../../core/api/diff.ts'
import { recommendationSchema } from '../../../core/api/recommendation.ts'
import { Model } from '../../../core/ir/model.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { modelFile } from '../../support/model-file.ts'
import { commandLine, documentOf, sample } from '../../support/run-cli.ts'

const { lathe, folder } = commandLine()
const model = sample('text-bert', 'model.onnx')
const data = sample('text-bert', 'dataset.json')
const candidate = join(folder, 'out', 'model.onnx')

beforeAll(async () => {
  const { status, stderr } = await lathe('run', model, '--pipeline', 'cpu-int8', '--out', 'out', '--no-measure')
  expect({ status, stderr }).toMatchObject({ status: 0 })
})

describe('a model and what was made of it', { timeout: 180_000 }, () => {
  it('diff counts every node of both, and says why each changed', async () => {
    const ended = await lathe('diff', model, candidate, '--json')
    const { summary, pairs, matchedBy } = diffSchema.parse(documentOf(ended))
    expect(matchedBy).toBe('lineage')
    expect(summary.changed + summary.fused).toBeGreaterThan(0)
    const before = new Set(pairs.flatMap(({ a }) => a))
    const after = new Set(pairs.flatMap(({ b }) => b))
    expect(before.size).toBe(openModel(model).graph.nodeCount)
    expect(after.size).toBe(openModel(candidate).graph.nodeCount)
    for (const { kind, why } of pairs) if (kind !== 'same') expect(why).not.toBe('')
  })

  it('compare judges accuracy on the samples, and each layer by what was executed', async () => {
    const ended = await lathe('compare', model, candidate, '--data', data, '--runs', '8', '--json')
    const { accuracy, layers, protocol, size, tied } = comparisonSchema.parse(documentOf(ended))
    expect(accuracy).toMatchObject({ metric: 'accuracy', samples: 1000 })
    if ('unavailable' in accuracy) throw new Error(accuracy.unavailable)
    expect(accuracy.baseline).toBeCloseTo(0.889, 3)
    expect(Math.abs(accuracy.candidate - accuracy.baseline)).toBeLessThan(0.02)
    expect(protocol).toMatchObject({ rounds: 8 })
    expect(size.candidate).toBeLessThan(size.baseline / 2)
    expect(tied).toBeGreaterThan(0.9)
    const linear = layers.filter(({ kind, role }) => kind === 'layer' && role === 'linear')
    // The pooler is a row with the classifier: both compute the one position that is read.
    expect(linear.length).toBeGreaterThanOrEqual(10)
    for (const { error } of linear) if (!('unavailable' in error)) expect(error.sqnrDb).toBeGreaterThan(20)
    expect(layers.map(({ kind }) => kind)).toContain('whole model')
  })

  it('compare makes up inputs on which the first model runs', async () => {
    const frames = '(x: float32[1, samples]) -> (y)\n  f = Reshape(x, int64[3] {1, -1, 4096})\n  y = ReduceMean(f) {keepdims: 0}'
    const path = await modelFile(folder, frames)
    const ended = await lathe('compare', path, path, '--runs', '6', '--json')
    expect(ended.stderr).not.toMatch(/error/)
    const { accuracy, notes } = comparisonSchema.parse(documentOf(ended))
    expect(accuracy).toMatchObject({ metric: 'sqnr', verdict: 'no clear difference' })
    expect(notes.filter((note) => note.includes('inputs were made up'))).toHaveLength(1)
  })

  it('compare says what keeps two models from being compared, before it measures', async () => {
    const ended = await lathe('compare', model, sample('digits-cnn', 'model.onnx'))
    expect(ended.status).toBe(1)
    expect(ended.stderr).toMatch(/the second wants '\w+', which the first does not have; its inputs are /)
    expect(ended.stderr).not.toContain('scratch')
  })

  it('bench times both, one ratio for each batch size', async () => {
    const ended = await lathe('bench', model, candidate, '--batch', '1,2', '--runs', '8', '--json')
    expect(ended.status).toBe(0)
    const { models, ratios, protocol } = benchSchema.parse(documentOf(ended))
    expect(models.map(({ path, batch }) => [path, batch])).toEqual(
      expect.arrayContaining([1, 2].flatMap((batch) => [model, candidate].map((path) => [path, batch]))),
    )
    for (const { latencyMs, peakMemoryBytes } of models) {
      expect(latencyMs.low).toBeLessThanOrEqual(latencyMs.median)
      expect(latencyMs.high).toBeGreaterThanOrEqual(latencyMs.median)
      expect(peakMemoryBytes).toBeGreaterThan(1e6)
    }
    expect(ratios.map(({ batch }) => batch).sort()).toEqual([1, 2])
    expect(protocol.rounds).toBe(8)
  })
})

describe('one model', { timeout: 180_000 }, () => {
  it('export copies an unchanged model bit by bit, and runs both', async () => {
    const ended = await lathe('export', model, '--format', 'onnx', '--out', 'copy.onnx', '--verify', data, '--json')
    expect(ended.status).toBe(0)
    const { verification, unsupported } = exportedSchema.parse(documentOf(ended))
    expect(verification).toMatchObject({ maxAbs: 0, agreement: 1, passed: true })
    expect(unsupported).toEqual([])
    expect(readFileSync(join(folder, 'copy.onnx')).equals(readFileSync(model))).toBe(true)
  })

  it('export tells what a format cannot hold, and writes nothing', async () => {
    const strange = new Model(
      {},
      new Map([
        ['', 17],
        ['example.org', 1],
      ]),
    )
    const x = strange.graph.addInput('x', { kind: 'tensor', dtype: 'float32', shape: [1, 4] })
    const node = strange.graph.addNode({ domain: 'example.org', opType: 'Mystery', name: 'mystery', inputs: [x], outputs: ['y'] })
    strange.graph.addOutput(node.outputs[0]!)
    await writeModel(strange, join(folder, 'strange.onnx'))
    const ended = await lathe('export', 'strange.onnx', '--format', 'tflite', '--out', 'strange.tflite', '--json')
    expect(ended.status).toBe(1)
    expect(exportedSchema.parse(documentOf(ended)).unsupported).toMatchObject([{ node: 'mystery', op: expect.stringContaining('Mystery') }])
    expect(existsSync(join(folder, 'strange.tflite'))).toBe(false)
  })

  it('recommend gives a reason for every stage, and run takes the pipeline', async () => {
    const ended = await lathe('recommend', model, '--data', data, '--json')
    const { pipeline, reasons } = recommendationSchema.parse(documentOf(ended))
    expect(reasons.map(({ stage }) => stage)).toEqual(pipeline.stages.map(({ id }) => id))
    expect(pipeline.stages.map(({ pass }) => pass)).toContain('quantize-dynamic')
  })
})
