import { describe, expect, it } from 'vitest'
import type { Machine } from '../../../core/api/measurement.ts'
import type { Fidelity } from '../../../core/api/pipeline.ts'
import { generatedData } from '../../../core/data/open.ts'
import { sourceBorders } from '../../../core/pipeline/borders.ts'
import { createWorkbench, type Place } from '../../../core/pipeline/place.ts'
import { verifyNumbers } from '../../../core/pipeline/verify-numbers.ts'
import { modelOf } from '../../support/graph.ts'
import { workshop } from '../../support/pass-context.ts'

const { runtime, store } = await workshop()

const signature = '(x: float32[batch, 4]) -> (y: float32[batch, 4])'
const finite = modelOf(`${signature}\na = Abs(x)\ny = Sqrt(a)`).freeze()
const spoiled = modelOf(`${signature}\na = Abs(x)\nb = Neg(a)\ny = Sqrt(b)`).freeze()

async function verified(reference: typeof finite, candidate: typeof finite, fidelity: Fidelity) {
  const workbench = createWorkbench(store)
  const place: Place = {
    ...{ runtime, store, workbench, passes: [], data: null, cache: false, verify: true, seed: 7 },
    ...{ target: 'ort', provider: 'cpu', threads: 1 },
    samples: await generatedData({ graph: reference.graph, store, count: 4, seed: 7 }),
    machine: { features: [], runtime: { version: '' } } as unknown as Machine,
    evaluate: () => Promise.reject(new Error('nothing here searches')),
  }
  const checked = (model: typeof finite) => ({ model, borders: sourceBorders })
  const { signal } = new AbortController()
  try {
    return await verifyNumbers({ place, reference: checked(reference), candidate: checked(candidate), fidelity, signal })
  } finally {
    await workbench.remove()
  }
}

describe('the check after a pass', () => {
  it('passes what gives the same numbers', async () => {
    expect(await verified(finite, finite, 'exact')).toEqual({ fidelity: 'exact', verdict: 'passed', maxAbs: 0, cosine: 1, samples: 4 })
  })

  it('runs as many samples at once as a version fixes', async () => {
    const frozen = modelOf('(x: float32[3, 4]) -> (y: float32[3, 4])\na = Abs(x)\ny = Sqrt(a)').freeze()
    expect(await verified(finite, frozen, 'exact')).toMatchObject({ verdict: 'passed', maxAbs: 0, cosine: 1 })
    const wrong = modelOf('(x: float32[3, 4]) -> (y: float32[3, 4])\na = Abs(x)\ny = Exp(a)').freeze()
    expect(await verified(finite, wrong, 'rounding')).toMatchObject({ verdict: 'rejected', reason: expect.stringContaining('differs') })
  })

  it.each(['exact', 'rounding', 'lossy'] as const)('passes nothing of which not one number could be compared: %s', async (fidelity) => {
    expect(await verified(spoiled, spoiled, fidelity)).toMatchObject({
      ...{ verdict: 'skipped', maxAbs: null, cosine: null },
      reason: expect.stringContaining('nothing finite was compared'),
    })
  })

  it('rejects NaN where there was none, and names it where the pass may cost something', async () => {
    expect(await verified(finite, spoiled, 'rounding')).toMatchObject({ verdict: 'rejected', reason: expect.stringContaining('NaN') })
    expect(await verified(finite, spoiled, 'lossy')).toMatchObject({
      ...{ verdict: 'reported', maxAbs: null, cosine: null },
      reason: expect.stringMatching(/^\d+ output elements are NaN or infinite in one version alone$/),
    })
  })

  it('holds a model that rounding moves far to how far its own last digits move it, and says so', async () => {
    const cancelling = modelOf(
      `${signature}\na = Add(x, float32[4] {10000.1, 10000.1, 10000.1, 10000.1})\ny = Sub(a, float32[4] {10000, 10000, 10000, 10000})`,
    ).freeze()
    const other = modelOf(`${signature}\ny = Add(x, float32 0.1)`).freeze()
    const { maxAbs, ...found } = await verified(cancelling, other, 'rounding')
    expect(found).toMatchObject({
      verdict: 'passed',
      reason: expect.stringMatching(/^the outputs differ by up to .* last place move them by/),
    })
    expect(maxAbs).toBeGreaterThan(2e-4)
    expect(maxAbs).toBeLessThan(1e-3)
    const wrong = modelOf(`${signature}\ny = Add(x, float32 0.11)`).freeze()
    expect(await verified(cancelling, wrong, 'rounding')).toMatchObject({ verdict: 'rejected' })
    expect(await verified(other, wrong, 'rounding')).toMatchObject({ verdict: 'rejected' })
  })

  it('takes nothing for rounding where shapes hang on the last digits', async () => {
    const resized = (factor: number) =>
      modelOf(`(x: float32[batch, 1, 4, 4]) -> (y)
r = Resize(x, _, float32[4] {1, 1, 1.75, 1.75}) {mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor"}
y = Mul(r, float32 ${factor})`).freeze()
    expect(await verified(resized(1.5), resized(1.5), 'rounding')).toMatchObject({ verdict: 'passed' })
    expect(await verified(resized(1.5), resized(1.6), 'rounding')).toMatchObject({ verdict: 'rejected' })
  })

  it('takes the jump of one element as no excuse for all of them', async () => {
    const stepping = (more: number) =>
      modelOf(`${signature}
steps = Ceil(float32[4] {1, 1, 0.3, 0.3})
large = Add(x, float32[4] {${[100, 100, 100, 100].map((term) => term + more)}})
y = Add(large, steps)`).freeze()
    expect(await verified(stepping(0), stepping(1.9), 'rounding')).toMatchObject({ verdict: 'rejected' })
  })

  it('judges nothing by last digits that move the outputs far', async () => {
    const chaotic = (term: number) =>
      modelOf(`${signature}
a = Add(x, float32[4] {10000000.1, 10000000.1, 10000000.1, 10000000.1})
y = Sub(a, float32[4] {10000000, 10000000, 10000000, ${10000000 + term}})`).freeze()
    expect(await verified(chaotic(0), chaotic(1), 'rounding')).toMatchObject({ verdict: 'rejected' })
  })
})
