import { expect, it } from 'vitest'
import { recommend } from '../../../core/measure/recommend.ts'

const latencyMs = { median: 1, low: 1, high: 1, p95: 1, p99: 1, runs: 1 }
const at = (batch: number, throughput: number, threads = 1) => ({
  ...{ path: 'a.onnx', threads, batch, throughput, latencyMs },
  ...{ loadMs: 1, firstRunMs: 1, peakMemoryBytes: 1, sizeBytes: 1, energyJoules: { unavailable: 'not here' } },
})

it('the smallest batch with nearly the best throughput is recommended', () => {
  expect(recommend([at(1, 100), at(2, 180), at(8, 205), at(4, 199)])).toMatchObject([{ of: 'batch', batch: 4, throughput: 199 }])
})

it('the fewest threads likewise, at each batch', () => {
  expect(recommend([at(1, 100), at(1, 150, 2), at(1, 152, 4)])).toMatchObject([{ of: 'threads', threads: 2, batch: 1 }])
})

it('nothing is recommended where nothing was swept', () => {
  expect(recommend([at(1, 100), { ...at(1, 50), path: 'b.onnx' }])).toEqual([])
})
