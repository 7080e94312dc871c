import type { Candidate, LayerRow, Report } from '../../core/api/report.ts'
import type { Sensitivity } from '../../core/api/sensitivity.ts'

/** Text that must stay text, whatever it is put into. */
export const evil = `<img src=x onerror="alert(1)">&'`
const latency = { median: 4, low: 3.9, high: 4.1, p95: 4.5, p99: 5, runs: 60 }

export const row: LayerRow = {
  kind: 'layer',
  layers: ['1'],
  names: [evil],
  role: evil,
  baseline: ['a'],
  candidate: ['b'],
  kernels: { baseline: ['MatMul', 'MatMul', 'Add', 'com.microsoft.Gelu', 'Relu'], candidate: [evil] },
  latencyMs: { baseline: 2, candidate: 1, verdict: 'better' },
  error: { sqnrDb: 31.25, cosine: 0.99987, maxAbs: 0.1, meanAbs: 0, local: null },
  sizeBytes: { baseline: 4000, candidate: 1000 },
}

/** Three projections that lose most, and a convolution that loses nothing and for which no time was left. */
export const sensitivity: Sensitivity = {
  samples: 32,
  metric: { name: 'accuracy', float: 0.99 },
  rows: [
    {
      nodes: ['q', 'k', 'v'],
      kind: 'product',
      weights: 49152,
      precision: 'int8',
      chosen: 'float32',
      estimateDb: { weights: 30, activations: 28.5 },
      alone: { sqnrDb: 20.1, cosine: 0.995, metric: 0.97 },
      allOthers: { sqnrDb: 40, cosine: 0.9999 },
      weightsAlone: { sqnrDb: 24, cosine: 0.998 },
      activationsAlone: { sqnrDb: 22.4, cosine: 0.997 },
      members: [
        { node: 'q', alone: { sqnrDb: 26, cosine: 0.999 } },
        { node: 'k', alone: null },
      ],
      milliseconds: -0.25,
    },
    {
      nodes: ['conv'],
      kind: 'convolution',
      weights: 432,
      precision: 'int8',
      chosen: 'int8',
      estimateDb: { weights: 45, activations: null },
      alone: { sqnrDb: null, cosine: 1 },
      ...{ allOthers: null, weightsAlone: null, activationsAlone: null, members: [] },
      milliseconds: 0,
    },
  ],
  everything: { sqnrDb: 19.5, cosine: 0.994 },
  front: [
    { bytes: 49584, sqnrDb: 20.1, chosen: false },
    { bytes: 197040, sqnrDb: null, chosen: true },
  ],
}

/** Figures of a candidate that was timed on a machine that was too busy to say anything. */
export const unclear: Candidate['latencyMs'] = {
  ...{ ratio: 0.5, low: 0.37, high: 0.57, verdict: 'no clear difference', baseline: latency, candidate: { ...latency, median: 2 } },
  because: 'the machine was unsteady: the same file differed from itself by 62 %',
}

/** A candidate that is half as slow and a quarter as large. */
export function candidate(id: string, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    path: ['tidy', id],
    file: 'model.onnx',
    layers: [row, { ...row, kind: 'whole model', names: [], role: '', error: { unavailable: 'no outputs' } }],
    accuracy: {
      metric: 'accuracy',
      baseline: 0.99,
      candidate: 0.985,
      low: -0.015,
      high: 0,
      samples: 200,
      verdict: 'no clear difference',
      judgedOn: evil,
    },
    latencyMs: { ratio: 0.5, low: 0.4, high: 0.6, verdict: 'better', baseline: latency, candidate: { ...latency, median: 2 } },
    peakMemoryBytes: { unavailable: evil },
    sizeBytes: { baseline: 4e6, candidate: 1e6 },
    storage: {
      baseline: { byType: { float32: 3.9e6 }, graph: 1e5, gzip: { bytes: 3.7e6, estimated: false } },
      candidate: { byType: { int8: 9e5, [evil]: 5e4 }, graph: 5e4, gzip: { unavailable: evil } },
    },
    energyJoules: { unavailable: evil },
    nodes: { baseline: 100, candidate: 60 },
    changes: {
      summary: { same: 30, changed: 10, fused: 20, added: 0, removed: 5 },
      groups: [
        { kind: 'fused', before: ['Conv', 'Relu ×2'], after: [evil], why: evil, count: 20, example: evil },
        { kind: 'removed', before: ['Identity'], after: [], why: 'drop-identity', count: 5, example: 'i' },
      ],
      more: 3,
    },
    tied: 1,
    ...more,
  }
}

/** A report in which every text of the model is `evil`. */
export const report: Report = {
  lathe: '1.0.0',
  date: '2026-01-01T00:00:00.000Z',
  machine: {
    ...{ cpu: evil, cores: 2, memoryBytes: 8e9, platform: 'linux', arch: 'x64', features: ['avx2'], int8DotProduct: false },
    runtime: { name: 'onnxruntime', version: '1.30.0', providers: ['cpu'] },
    node: '20.0.0',
    load: 0.3,
  },
  protocol: {
    ...{ rounds: 60, warmup: 5, threads: 2, provider: 'cpu', level: 'all', batch: 1, order: evil, seed: 7 },
    sessionOptions: { 'session.force_spinning_stop': '1' },
    inputs: evil,
  },
  baseline: {
    path: `/models/${evil}.onnx`,
    hash: 'sha256:0',
    bytes: 4e6,
    parameters: 1e6,
    nodes: 100,
    nodesDeep: 100,
    opsets: { 'ai.onnx': 17 },
  },
  pipeline: evil,
  target: 'ort',
  data: evil,
  preparation: { ms: 30, samples: 200 },
  stages: [
    {
      ...{ id: 'tidy', pass: 'clean-up', changed: true, ms: 12, cached: false, notes: [evil] },
      nodes: { before: 100, after: 60 },
      bytes: { before: 4e6, after: 3e6 },
      changes: [{ rule: evil, count: 3 }],
      verification: { verdict: 'rejected', fidelity: 'exact', maxAbs: 0.1, cosine: 0.9, samples: 4, firstDiverging: evil, reason: evil },
    },
  ],
  candidates: [candidate('a'), candidate('b')],
  notes: [evil],
  commands: [`lathe run '${evil}'`],
}
