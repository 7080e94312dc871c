import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { LayerRow } from '../../../core/api/report.ts'
import { float32Tensor } from '../../../core/ir/numbers.ts'
import { storagePair, withFileSizes } from '../../../core/measure/storage.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { modelOf } from '../../support/graph.ts'

const path = 'samples/digits-cnn/model.onnx'

describe('where the bytes of a model go', () => {
  it('adds up to the file, and is compressed as the file is', async () => {
    const model = openModel(path).freeze()
    const { baseline } = await storagePair(model, model, true)
    const file = readFileSync(path)
    const stored = Object.values(baseline.byType).reduce((sum, bytes) => sum + bytes, 0)
    expect(baseline.byType.float32).toBeGreaterThan(0.8 * file.byteLength)
    expect((stored + baseline.graph) / file.byteLength).toBeCloseTo(1, 2)
    expect(baseline.gzip).toMatchObject({ estimated: false })
    if ('unavailable' in baseline.gzip) throw new Error(baseline.gzip.unavailable)
    expect(baseline.gzip.bytes / gzipSync(file).byteLength).toBeCloseTo(1, 2)
  })

  it('is estimated from parts where there is much of it', async () => {
    const model = modelOf('(x: float32[n, 4]) -> (y: float32[n, 4])\ny = Relu(x)')
    // 34 MiB, every second number 0: alike everywhere, so a part tells what is left of the whole.
    const part = Float32Array.from({ length: 2 ** 18 }, (_, index) => (index % 2 === 0 ? Math.sin(index * index) : 0))
    const values = new Float32Array(34 * part.length)
    for (let at = 0; at < values.length; at += part.length) values.set(part, at)
    model.graph.addInitializer('w', float32Tensor([values.length], values))
    const { candidate } = await storagePair(model, model, true)
    if ('unavailable' in candidate.gzip) throw new Error(candidate.gzip.unavailable)
    const exact = 34 * gzipSync(new Uint8Array(part.buffer)).byteLength
    expect(candidate.gzip.estimated).toBe(true)
    expect(candidate.gzip.bytes / exact).toBeGreaterThan(0.97)
    expect(candidate.gzip.bytes / exact).toBeLessThan(1.03)
  })

  it('counts what branches hold, and says why it did not compress', async () => {
    const model = modelOf(`
      (x: float32[2], c: bool) -> (y: float32[...])
      y = If(c) {
        then_branch: { () -> (a) a = Add(x, float32[2]) },
        else_branch: { () -> (b) b = Identity(x) }
      }`)
    const { baseline } = await storagePair(model, model, { unavailable: 'not asked' })
    expect(baseline).toMatchObject({ byType: { float32: 8 }, gzip: { unavailable: 'not asked' } })
  })
})

it('gives the whole model the size of its file, and what no layer owns the size of the graph', () => {
  const storage = { byType: { float32: 90 }, graph: 10, gzip: { bytes: 50, estimated: false } }
  const kinds = ['layer', 'boundary cost', 'overhead', 'whole model'] as const
  const rows = kinds.map((kind) => ({ kind, sizeBytes: { baseline: 4, candidate: 1 } }) as LayerRow)
  const sized = withFileSizes(rows, { baseline: storage, candidate: { ...storage, graph: 12 } }, { baseline: 100, candidate: 40 })
  expect(sized.map(({ sizeBytes: { baseline, candidate } }) => [baseline, candidate])).toEqual([
    [4, 1],
    [4, 1],
    [10, 12],
    [100, 40],
  ])
})
