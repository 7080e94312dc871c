import { expect, it } from 'vitest'
import type { LayerRow } from '../../../core/api/report.ts'
import { filtered, kernelText, sorted, titleOfLayer } from '../../../renderer/panels/layers/layer-rows.ts'

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
  error: { sqnrDb, cosine: 1, maxAbs: 0, local: null },
  sizeBytes: { baseline: 4, candidate: 1 },
})
const rows = [row('query', 3, 1, 21), row('key', 1, 2, 38), row('value', 2, null, null)].map((one, at) => ({ number: at + 1, row: one }))
const names = (found: readonly { row: LayerRow }[]) => found.map(({ row: { names } }) => names[0])

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

it('says the end of a name and the block it is in', () => {
  expect(titleOfLayer(['m.bert.encoder.layer.2.attention.self.query', 'x'])).toEqual({
    title: 'attention.self.query',
    place: 'layer 2',
    more: 1,
  })
  expect(titleOfLayer(['m.bert.embeddings'])).toEqual({ title: 'bert.embeddings', place: '', more: 0 })
})
