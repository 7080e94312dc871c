import { expect, it } from 'vitest'
import type { Candidate, LayerRow } from '../../../core/api/report.ts'
import {
  filtered,
  kernelText,
  presenceOf,
  simulatedOf,
  sorted,
  splitRows,
  titleOfLayer,
} from '../../../renderer/panels/layers/layer-rows.ts'
import { axisTicks, intervalText, longestOf, whiskerPath } from '../../../renderer/panels/layers/time-bars.tsx'

const row = (name: string, baseline: number, candidate: number | null, sqnrDb: number | null): LayerRow => ({
  kind: 'layer',
  layers: [name],
  names: [name],
  role: 'projection',
  baseline: [],
  candidate: [],
  kernels: { baseline: ['MatMul'], candidate: [candidate === null ? 'MatMul' : 'MatMulIntegerToFloat'] },
  latencyMs: {
    baseline,
    candidate: candidate ?? { unavailable: 'not measured' },
    verdict: candidate === null ? 'not comparable' : candidate > baseline ? 'worse' : 'better',
  },
  error: { sqnrDb, cosine: 1, maxAbs: 0, meanAbs: 0, local: null },
  sizeBytes: { baseline: 4, candidate: 1 },
})
const rows = [row('query', 3, 1, 21), row('key', 1, 2, 38), row('value', 2, null, null)].map((one, at) => ({ number: at + 1, row: one }))
const names = (found: readonly { row: LayerRow }[]) => found.map(({ row: { names } }) => names[0])

it('numbers layers, and puts what is no layer below them, arithmetic on shapes first', () => {
  const kinds = ['layer', 'shape arithmetic', 'boundary cost', 'runtime would have done anyway', 'overhead', 'whole model'] as const
  const { body, foot } = splitRows({ layers: kinds.toReversed().map((kind) => ({ ...rows[0]!.row, kind })) } as unknown as Candidate)
  expect(body.map(({ number, row: { kind } }) => [number, kind])).toEqual([[1, 'layer']])
  expect(foot.map(({ kind }) => kind)).toEqual([
    'shape arithmetic',
    'boundary cost',
    'overhead',
    'whole model',
    'runtime would have done anyway',
  ])
})
it('says of arithmetic on shapes that nothing is left of that it is gone', () => {
  const none = { ...rows[0]!.row, kind: 'shape arithmetic' as const, kernels: { baseline: ['Shape'], candidate: [] } }
  expect(presenceOf({ ...none, latencyMs: { baseline: 0.1, candidate: 0, verdict: 'better' } })).toBe('removed')
})
it('sorts, and rows without a figure come last either way', () => {
  expect(names(sorted(rows, 'candidate', false))).toEqual(['query', 'key', 'value'])
  expect(names(sorted(rows, 'candidate', true))).toEqual(['key', 'query', 'value'])
})
it('counts an exact layer as the best by SQNR', () => {
  expect(names(filtered(rows, 'worst ten by SQNR', ''))).toEqual(['query', 'key', 'value'])
})
it('filters', () => {
  expect(names(filtered(rows, 'slower than source', ''))).toEqual(['key'])
  expect(names(filtered(rows, 'changed kernels', ''))).toEqual(['query', 'key'])
  expect(names(filtered(rows, 'all', 'matmul val'))).toEqual(['value'])
})
it('says kernels in few words', () => {
  expect(kernelText(['MatMul', 'Add', 'MatMul', 'Softmax', 'Mul'])).toBe('MatMul ×2, Add, 2 more')
})

it('says what the layers of a row have in common, and the block that they are in', () => {
  const at = 'm.bert.encoder.layer.2'
  expect(titleOfLayer([`${at}.attention.self.query`, `${at}.attention.self`, `${at}.attention.self (2)`])).toEqual({
    title: 'attention.self',
    place: 'layer 2',
    more: 0,
  })
  expect(titleOfLayer([`${at}.output.dense`])).toEqual({ title: 'output.dense', place: 'layer 2', more: 0 })
  expect(titleOfLayer(['m.bert.embeddings'])).toEqual({ title: 'bert.embeddings', place: '', more: 0 })
})

it('reads the paths of exporters as modules', () => {
  const at = '/m/bert/encoder/layer.0/attention/self'
  expect(titleOfLayer([`${at}/query/MatMul`, `${at}/key/MatMul`])).toEqual({ title: 'attention.self', place: 'layer 0', more: 0 })
  expect(titleOfLayer(['/m/classifier/Gemm'])).toEqual({ title: 'classifier.Gemm', place: '', more: 0 })
})

it('names the first and counts the others where nothing telling is shared', () => {
  expect(titleOfLayer(['m.bert.encoder.layer.2.output', 'x'])).toEqual({ title: 'output', place: 'layer 2', more: 1 })
  expect(titleOfLayer(['encoder.layer.2.output', 'encoder.layer.2.norm'])).toMatchObject({ title: 'output', place: 'layer 2', more: 1 })
})

it('knows a row that only one version has', () => {
  const gone = { ...row('mask', 0.1, 0, null), kernels: { baseline: ['Where'], candidate: [] } }
  expect(presenceOf(gone)).toBe('removed')
  expect(presenceOf({ ...row('q', 0, 0.1, null), kernels: { baseline: [], candidate: ['Cast'] } })).toBe('added')
  expect(presenceOf(row('q', 1, 2, null))).toBe('both')
})

it('leaves out texts of the time axis that would stand in each other', () => {
  for (const longest of [0.45, 0.26, 3, 17, 0.0021]) {
    const shown = axisTicks(longest).filter(({ text }) => text !== '')
    expect(shown.at(-1)!.text).toMatch(/ ms$/)
    for (const [n, { at, text }] of shown.slice(0, -1).entries()) expect(shown[n + 1]!.at - at, text).toBeGreaterThan(text.length * 3)
  }
})

it('draws the interval of repeated profiles over its bar', () => {
  const times = (baseline: number, high: number) => ({
    baseline,
    candidate: baseline,
    verdict: 'no clear difference' as const,
    intervals: { baseline: { low: 0.9 * baseline, high }, candidate: { low: baseline, high: baseline }, level: 0.875 },
  })
  // The axis has room for the interval, and not for one profile that went astray.
  expect(longestOf([times(2, 2.5), times(1, 1)])).toBe(2.5)
  expect(longestOf([times(2, 50)])).toBe(3)
  expect(longestOf([{ baseline: 2, candidate: { unavailable: 'not run' }, verdict: 'not comparable' }])).toBe(2)
  expect(whiskerPath({ low: 0, high: 2 }, 8, 2)).toBe('M1.0 8H93.0M1.0 6v4M93.0 6v4')
  expect(whiskerPath({ low: 1, high: 9 }, 8, 2)).toBe('M47.0 8H93.0M47.0 6v4')
  expect(intervalText(times(2, 2.5), 'baseline')).toBe('1.80 … 2.50 ms in repeated profiles; holds the median with 87 %')
})

it('knows what was simulated only where nothing was measured', () => {
  const deviation = { sqnrDb: 31, cosine: 0.99, maxAbs: 0, meanAbs: 0 }
  const hidden = { ...row('query', 1, 1, 3), error: { unavailable: 'fused away', simulated: deviation } }
  expect(simulatedOf(hidden)).toEqual(deviation)
  expect(simulatedOf(row('query', 1, 1, 3))).toBeNull()
  expect(simulatedOf({ ...hidden, error: { unavailable: 'fused away' } })).toBeNull()
})
