import { expect, it } from 'vitest'
import { candidateSchema } from '../../../core/api/report.ts'
import { compareModels } from '../../../core/measure/compare.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { runtime, store } = await workshop()
const quick = { runtime, store, provider: 'cpu', threads: 1, rounds: 2, profiles: 1 } as const
const figuresSchema = candidateSchema.pick({
  layers: true,
  accuracy: true,
  latencyMs: true,
  peakMemoryBytes: true,
  energyJoules: true,
  tied: true,
})

const bodies = { numbers: 'y = Relu(m)', nan: 'y = Div(d, d)', infinity: 'y = Reciprocal(d)', zeros: 'y = Mul(d, m)' } as const
const versionOf = (kind: keyof typeof bodies) =>
  modelOf(`(x: float32[1, 8]) -> (y: float32[1, 8])\nw = float32[8, 8]\nm = MatMul(x, w)\nd = Sub(m, m)\n${bodies[kind]}`).freeze()

async function figuresOf(baseline: keyof typeof bodies, candidate: keyof typeof bodies) {
  const sides = { baseline: versionOf(baseline), candidate: versionOf(candidate) }
  const { figures } = await compareModels({ ...quick, ...sides, lineage: 'matched', data: null })
  // Its numbers are finite, or it does not parse.
  return figuresSchema.parse(figures)
}

it.each([
  ['nan', 'nan', 'nothing finite was compared'],
  ['infinity', 'infinity', 'nothing finite was compared'],
  ['numbers', 'nan', 'NaN or infinite in one version alone'],
  ['numbers', 'infinity', 'NaN or infinite in one version alone'],
  ['infinity', 'numbers', 'NaN or infinite in one version alone'],
] as const)('%s against %s has no accuracy and no error, and says why', async (baseline, candidate, why) => {
  const { accuracy, layers } = await figuresOf(baseline, candidate)
  const reason = { unavailable: expect.stringContaining(why), ...(baseline === 'numbers' ? { lost: true } : {}) }
  expect(accuracy).toEqual(reason)
  expect(layers.at(-1)?.error).toEqual(reason)
})

it.each([
  ['zeros', 'zeros'],
  ['numbers', 'zeros'],
  ['zeros', 'numbers'],
] as const)('%s against %s can be compared', async (baseline, candidate) => {
  const { accuracy, layers } = await figuresOf(baseline, candidate)
  expect(accuracy).toMatchObject({ metric: 'sqnr' })
  expect(layers.at(-1)?.error).toMatchObject({ cosine: expect.any(Number) })
})
