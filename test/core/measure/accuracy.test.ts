import { describe, expect, it } from 'vitest'
import type { Metric } from '../../../core/api/dataset.ts'
import { openData } from '../../../core/data/open.ts'
import { arrayBytes } from '../../../core/ir/numbers.ts'
import { judgeAccuracy } from '../../../core/measure/accuracy.ts'
import { openModel } from '../../../core/onnx/read.ts'
import { writeModel } from '../../../core/onnx/write.ts'
import { dataFolder } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { type ArrayBytes, npzBytes } from '../../support/npz.ts'
import { testRuntime } from '../../support/spawn-runtime.ts'

const { path: folder, store, write } = await dataFolder()
const runtime = await testRuntime()
const bench = { runtime, provider: 'cpu', threads: 1 }

/** Scores that are the samples themselves, moved by `shift` of the first two classes. */
const scorer = (name: string, shift: number) => scoring(name, `c = float32[3] { ${shift}, ${-shift}, 0 }\ny = Add(x, c)`)

async function scoring(name: string, body: string) {
  const model = modelOf(`(x: float32[batch, 3]) -> (y: float32[batch, 3])\n${body}`)
  const path = `${folder}/${name}.onnx`
  await writeModel(model, path)
  return {
    session: { model: path, provider: 'cpu', threads: 1, level: 'all' as const },
    sources: {},
    output: 'y',
    graph: openModel(path).graph,
  }
}

const count = 60
/** Every third sample is of each class and scores 1 for it. */
const scores = Float32Array.from({ length: 3 * count }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0))
const x: ArrayBytes = { descr: '<f4', shape: [count, 3], data: arrayBytes(scores) }
const classes: ArrayBytes = {
  descr: '<i8',
  shape: [count],
  data: arrayBytes(BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 3))),
}

async function judge(kind: Metric['kind'], shift: number, labels: ArrayBytes | null = classes) {
  const found = await attempt(kind, shift, labels)
  if ('unavailable' in found) throw new Error(found.unavailable)
  return found
}

async function attempt(kind: Metric['kind'], shift: number, labels: ArrayBytes | null) {
  return between(kind, labels, [await scorer('baseline', 0), await scorer(`candidate${shift}`, shift)])
}

type Scorer = Awaited<ReturnType<typeof scorer>>

async function between(kind: Metric['kind'], labels: ArrayBytes | null, [baseline, candidate]: readonly [Scorer, Scorer], inputs = x) {
  await write('eval.npz', npzBytes(labels === null ? { x: inputs } : { x: inputs, labels }))
  const evaluation = { file: 'eval.npz', ...(labels === null ? {} : { labels: 'labels' }) }
  const manifest = await write('dataset.json', { lathe: 1, kind: 'npz', evaluation, metric: { kind } })
  const data = await openData({ manifest, graph: baseline.graph, store, halve: false })
  return judgeAccuracy({ baseline, candidate, samples: data.evaluation!, metric: data.metric, batch: 16, seed: 1, bench })
}

describe('a task metric of two versions on the same samples', () => {
  it('that is no finite number is unavailable', async () => {
    const targets: ArrayBytes = { ...x, shape: [count, 3] }
    // Their squares pass all that a double holds.
    const huge: ArrayBytes = { descr: '<f8', shape: [count, 3], data: arrayBytes(new Float64Array(3 * count).fill(1e200)) }
    expect(await attempt('mse', 0, huge)).toEqual({ unavailable: 'the mse of the baseline is Infinity: its outputs give no finite figure' })
    expect(await attempt('mse', 0, targets)).toMatchObject({ baseline: 0 })
  })

  it.each(['accuracy', 'top5', 'f1', 'agreement', 'sqnr'] as const)(
    'is unavailable of two versions that give NaN alone: %s',
    async (kind) => {
      const spoiled = await scoring('spoiled', 'a = Abs(x)\nb = Sub(a, float32 2.0)\ny = Sqrt(b)')
      expect(await between(kind, classes, [spoiled, spoiled])).toMatchObject({ unavailable: expect.stringMatching(/NaN|nothing finite/) })
    },
  )

  it('names labels as such when they are none of the classes', async () => {
    const wrong: ArrayBytes = { ...classes, data: arrayBytes(BigInt64Array.from({ length: count }, () => 7n)) }
    await expect(attempt('accuracy', 0, wrong)).rejects.toThrow("from 'y' and the labels: label 7 is none of the 3 classes")
  })

  it('is none right where the candidate gives NaN alone', async () => {
    const spoiled = await scoring('spoiled', 'a = Abs(x)\nb = Sub(a, float32 2.0)\ny = Sqrt(b)')
    const pair = [await scorer('baseline', 0), spoiled] as const
    for (const kind of ['accuracy', 'top5', 'f1', 'agreement'] as const)
      expect(await between(kind, classes, pair), kind).toMatchObject({
        baseline: 1,
        candidate: 0,
        verdict: kind === 'agreement' ? 'not comparable' : 'worse',
      })
  })

  it('is the same for the same scores, whatever the metric', async () => {
    for (const kind of ['accuracy', 'top5', 'f1', 'sqnr'] as const) {
      const found = await judge(kind, 0)
      expect(found, kind).toMatchObject({ samples: count, verdict: 'no clear difference' })
      expect(found.candidate).toBe(found.baseline)
      if (kind === 'f1' || kind === 'sqnr') expect(found).toMatchObject({ low: 0, high: 0 })
    }
    const { low, high } = await judge('accuracy', 0)
    expect([low, high].map((bound) => Number(bound.toFixed(3)))).toEqual([-0.032, 0.032])
    // That 60 of 60 samples agree does not prove that all others do: Wilson's interval stays open below.
    const agreed = await judge('agreement', 0)
    expect(agreed).toMatchObject({ baseline: 1, candidate: 1, verdict: 'no clear difference' })
    expect(agreed.low).toBeCloseTo(-0.06, 2)
    expect(agreed.high).toBeCloseTo(0, 12)
  })

  it('finds a loss by a paired test, and bounds it', async () => {
    // The second class now scores below the first: a third of the samples is lost.
    const found = await judge('accuracy', 0.6)
    expect(found).toMatchObject({ baseline: 1, verdict: 'worse' })
    expect(found.candidate).toBeCloseTo(2 / 3, 6)
    expect(found.low).toBeLessThan(-1 / 3)
    expect(found.high).toBeGreaterThan(-1 / 3)
    expect(found.high).toBeLessThan(0)
    expect(await judge('f1', 0.6)).toMatchObject({ baseline: 1, verdict: 'worse' })
  })

  it('does not call it a loss when too few samples changed to tell', async () => {
    const few: ArrayBytes = { ...classes, data: arrayBytes(BigInt64Array.from({ length: count }, (_, i) => BigInt(i < 3 ? 1 : i % 3))) }
    expect((await judge('top5', 0.6, few)).verdict).toBe('no clear difference')
  })

  it('of a language model speaks of its tokens, not of what fills samples up', async () => {
    const model = modelOf(`(input_ids: int64[batch, 3], attention_mask: int64[batch, 3]) -> (y: float32[batch, 3, 4])
      table = float32[4, 4]
      scores = Gather(table, input_ids)
      mask = Cast(attention_mask) {to: 1}
      none = Mul(mask, float32 0.0)
      zero = Unsqueeze(none, int64[1] {2})
      y = Add(scores, zero)`)
    const path = `${folder}/language.onnx`
    await writeModel(model, path)
    const { graph } = openModel(path)
    const session = { model: path, provider: 'cpu', threads: 1, level: 'all' as const }
    const side = { session, sources: {}, output: 'y' }
    const long = (values: readonly number[]): ArrayBytes => ({
      descr: '<i8',
      shape: [8, 3],
      data: arrayBytes(BigInt64Array.from(values, BigInt)),
    })
    const filledWith = async (filler: number) => {
      const input_ids = long(Array.from({ length: 24 }, (_, i) => (i % 3 === 2 && i % 2 === 0 ? filler : (i * 7) % 4)))
      const attention_mask = long(Array.from({ length: 24 }, (_, i) => (i % 3 === 2 && i % 2 === 0 ? 0 : 1)))
      await write('eval.npz', npzBytes({ input_ids, attention_mask }))
      const document = { lathe: 1, kind: 'npz', evaluation: { file: 'eval.npz' }, metric: { kind: 'perplexity' } }
      const data = await openData({ manifest: await write('dataset.json', document), graph, store, halve: false })
      return judgeAccuracy({
        ...{ baseline: side, candidate: side, samples: data.evaluation!, metric: data.metric },
        batch: 4,
        seed: 1,
        bench,
      })
    }
    expect(await filledWith(0)).toEqual(await filledWith(3))
  })

  it('claims nothing from a handful of samples that can only be drawn again', async () => {
    const few = { ...x, shape: [3, 3], data: x.data.subarray(0, 36) }
    const pair = [await scorer('baseline', 0), await scorer('candidate0.6', 0.6)] as const
    expect(await between('mse', few, pair, few)).toMatchObject({ samples: 3, verdict: 'no clear difference' })
  })

  it('points down for errors and perplexity', async () => {
    const targets: ArrayBytes = { ...x, data: arrayBytes(scores) }
    expect(await judge('mse', 0.6, targets)).toMatchObject({ baseline: 0, verdict: 'worse' })
    expect((await judge('mse', 0.6, targets)).candidate).toBeCloseTo((2 * 0.36) / 3, 5)
    const worse = await judge('perplexity', 3)
    expect(worse.verdict).toBe('worse')
    expect(worse.candidate).toBeGreaterThan(worse.baseline)
    expect(worse.baseline).toBeCloseTo((Math.E + 2) / Math.E, 5)
  })

  it('without labels says how near the outputs are, and judges no task', async () => {
    expect(await judge('agreement', 0.6, null)).toMatchObject({ baseline: 1, verdict: 'not comparable' })
    const near = await judge('sqnr', 0.01, null)
    // The power of the scores against that of the shift.
    expect(near.candidate).toBeCloseTo(10 * Math.log10(1 / (2 * 0.01 ** 2)), 1)
    expect(near.verdict).toBe('not comparable')
  })
})
