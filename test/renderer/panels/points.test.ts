import { expect, it } from 'vitest'
import type { Candidate } from '../../../core/api/report.ts'
import { frontOf, pointsOf } from '../../../renderer/panels/candidates/points.ts'

const latency = (median: number) => ({ median, low: median, high: median, p95: median, p99: median, runs: 40 })
const stored = { byType: {}, graph: 0, gzip: { unavailable: 'not compressed' } }
const candidate = (id: string, ms: number, quality: number): Candidate => ({
  id,
  path: [id],
  file: null,
  layers: [],
  accuracy: { metric: 'accuracy', baseline: 0.889, candidate: quality, low: 0, high: 0, samples: 10, verdict: 'worse', judgedOn: '' },
  latencyMs: { baseline: latency(4.4), candidate: latency(ms), ratio: ms / 4.4, low: 0, high: 0, verdict: 'better' },
  peakMemoryBytes: { unavailable: 'not taken' },
  sizeBytes: { baseline: 4e6, candidate: 1e6 },
  storage: { baseline: stored, candidate: stored },
  energyJoules: { unavailable: 'no counters' },
  nodes: { baseline: 1, candidate: 1 },
  changes: { summary: { same: 1, changed: 0, fused: 0, added: 0, removed: 0 }, groups: [], more: 0 },
  tied: 1,
})
const points = pointsOf([candidate('int8', 2.9, 0.887), candidate('pruned', 3.4, 0.88), candidate('fp16', 4.6, 0.889)], 'latency')

it('tells the front from what is dominated', () => {
  expect(points.map(({ id, kind }) => [id, kind])).toEqual([
    ['int8', 'front'],
    ['pruned', 'dominated'],
    ['fp16', 'dominated'],
    ['source', 'source'],
  ])
})
it('counts the source to the front when nothing is as good', () => {
  expect(frontOf(points).map(({ id }) => id)).toEqual(['int8', 'source'])
})
it('leaves out what was not measured', () => {
  expect(pointsOf([{ ...candidate('x', 1, 1), accuracy: { unavailable: 'no data' } }], 'latency')).toEqual([])
})
