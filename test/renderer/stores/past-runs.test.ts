import { expect, it } from 'vitest'
import { pastRuns } from '../../../renderer/stores/past-runs.ts'

const storage = (text: string | null) => ({ getItem: () => text })
const version = { ms: 1, bytes: 2, quality: null, parts: [] }
const run = {
  path: '/m.onnx',
  model: 'm.onnx',
  candidate: 'int8',
  date: '2026-01-01',
  cpu: 'x',
  metric: '',
  verdict: 'better',
  baseline: version,
  after: version,
}

it('gives back what was kept', () => {
  expect(pastRuns(storage(JSON.stringify([run])))).toEqual([run])
})
it('leaves out what does not fit, and survives what is no JSON', () => {
  expect(pastRuns(storage(JSON.stringify([{ old: true }, run])))).toEqual([run])
  expect(pastRuns(storage('{'))).toEqual([])
  expect(pastRuns(storage(null))).toEqual([])
})
