import { describe, expect, it } from 'vitest'
import { sensitivitySchema } from '../../../core/api/sensitivity.ts'
import type { SampleData } from '../../../core/data/open.ts'
import type { Model } from '../../../core/ir/model.ts'
import type { PassContext } from '../../../core/pass.ts'
import { mixedPrecision } from '../../../core/passes/mixed-precision.ts'
import { comparedBy } from '../../../core/quantize/slower.ts'
import { modelOf } from '../../support/graph.ts'
import { madeUpData } from '../../support/noise-data.ts'
import { sqnr, workshop } from '../../support/pass-context.ts'

const shop = await workshop()

type Copies = Awaited<ReturnType<PassContext['time']>>['copies']

/** 64 samples of smooth waves. */
async function samples(): Promise<SampleData> {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i * 0.37) + Math.cos(i * 1.3))
  const { id } = await shop.store.put(new Uint8Array(values.buffer))
  const table = { id, count: 64, inputs: [{ name: 'x', dtype: 'float32' as const, dims: [64], file: shop.store.pathOf(id), offset: 0 }] }
  const split = { table, labels: null, labelColumn: null, description: 'waves' }
  return { calibration: split, selection: split, evaluation: split, metric: { kind: 'sqnr' }, random: true, notes: [], preparationMs: 0 }
}

const model = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
  a = MatMul(x, float32[64, 64])
  b = Exp(a)
  c = MatMul(b, float32[64, 64])
  d = Tanh(c)
  e = Add(d, x)
  y = MatMul(e, float32[64, 32])`)

const precisionsIn = (result: Model) => ({
  int8: result.graph.nodes.filter(({ opType }) => opType === 'MatMulInteger').length,
  int4: result.graph.nodes.filter(({ opType }) => opType === 'MatMulNBits').length,
  float: result.graph.nodes.filter(({ opType }) => opType === 'MatMul').length,
})

/** What the search chooses, whatever this machine is slow at: nets as small as these are, in 8 bits. */
const anyMachine = { revertSlower: false } as const

describe('a budget of decibels', () => {
  it('is met with as few layers in float as it takes', async () => {
    const data = await samples()
    const reference = await shop.outputs(model, data.evaluation!)
    const counts = []
    for (const decibels of [0, 45, 200]) {
      const { parts } = await shop.run(mixedPrecision, model, { ...anyMachine, budget: { decibels } }, data)
      expect(sqnr(reference, await shop.outputs(parts[0]!, data.evaluation!, { level: 'disabled' }))).toBeGreaterThanOrEqual(decibels)
      counts.push(precisionsIn(parts[0]!).float)
    }
    expect(counts).toEqual([...counts].sort())
    expect([counts[0], counts.at(-1)]).toEqual([0, 3])
  })

  it('never moves what the user keeps', async () => {
    const { parts } = await shop.run(mixedPrecision, model, { ...anyMachine, budget: { decibels: 5 }, keep: ['#0'] }, await samples())
    expect(precisionsIn(parts[0]!)).toEqual({ int8: 2, int4: 0, float: 1 })
  })
})

describe('a budget of points', () => {
  it('counts an answer that only the kernels change among those that changed', async () => {
    const real = shop.context(await samples())
    const evaluate: PassContext['evaluate'] = async ({ graph }) => {
      const quantized = graph.nodes.some(({ opType }) => opType === 'MatMulInteger')
      return { metric: 'accuracy', value: quantized ? 63 / 64 : 1, higherIsBetter: true, samples: 64, losses: null }
    }
    const said = async (points: number) => {
      const options = mixedPrecision.options.parse({ budget: { points }, studySeconds: 0, revertSlower: false })
      return (await mixedPrecision.run(modelOf(wide).fork(), options, { ...real, evaluate })).notes!.join(' ')
    }
    expect(await said(10)).toContain('the loss is at most 4.13 points with 95 % confidence')
    expect(await said(4)).toContain('everything stays in float')
  })

  it('asks for decibels where the data has no labels, instead of taking decibels for points', async () => {
    // What the metric of unlabelled data tells: no noise at all, and some.
    const evaluate: PassContext['evaluate'] = async ({ graph }) => {
      const quantized = graph.nodes.some(({ opType }) => opType === 'MatMulInteger')
      return { metric: 'sqnr', value: quantized ? 40 : 200, higherIsBetter: true, samples: 64, losses: null }
    }
    const options = mixedPrecision.options.parse({ ...anyMachine, studySeconds: 0 })
    const { parts, notes } = await mixedPrecision.run(modelOf(wide).fork(), options, { ...shop.context(await samples()), evaluate })
    expect(precisionsIn(parts[0]!)).toEqual({ int8: 1, int4: 0, float: 0 })
    expect(notes!.join(' ')).toContain('Without labels there are no points to count: 30 dB were asked for.')
  })
})

describe('a budget of perplexity', () => {
  /** Every sample's loss rises by 0.004 nats on average, by up to 0.1 more or less in each. */
  const uncertain = (count: number): PassContext['evaluate'] => {
    return async ({ graph }) => {
      const quantized = graph.nodes.some(({ opType }) => opType === 'MatMulInteger')
      const sums = Float64Array.from({ length: count }, (_, i) => 2 + (i % 7) + (quantized ? 0.004 + (i % 2 === 0 ? 0.1 : -0.1) : 0))
      const value = Math.exp(sums.reduce((sum, each) => sum + each, 0) / count)
      return { metric: 'perplexity', value, higherIsBetter: false, samples: count, losses: { sums, counts: sums.map(() => 1) } }
    }
  }
  const said = async (count: number, points: number) => {
    const options = mixedPrecision.options.parse({ budget: { points }, studySeconds: 0, revertSlower: false })
    const context = { ...shop.context(await samples()), evaluate: uncertain(count) }
    return (await mixedPrecision.run(modelOf(wide).fork(), options, context)).notes!.join(' ')
  }

  it('is held against the bound that the paired samples give, not against the figure alone', async () => {
    // Measured 0.4 % on 64 samples; their differences allow for 0.004 + 1.645 * 0.1 / 8 nats.
    expect(await said(64, 0.5)).toContain('everything stays in float')
    expect(await said(64, 2)).toMatch(/the rise is at most 2\.[2-7]\d % with 95 % confidence/)
  })

  it('goes by the figure where samples are too few, and says so', async () => {
    expect(await said(4, 0.5)).toContain('too few samples to say how sure that is')
  })
})

/** One product whose rounding moves no answer. */
const wide = '(x: float32[n, 64]) -> (y: float32[n, 1])\ny = MatMul(x, float32[64, 1])'

describe('a budget of bytes', () => {
  it('chooses among more than two precisions, and reports the front', async () => {
    const data = await samples()
    const { parts, notes } = await shop.run(
      mixedPrecision,
      model,
      { ...anyMachine, budget: { megabytes: 0.012 }, precisions: ['int8', 'int4'] },
      data,
    )
    const found = precisionsIn(parts[0]!)
    expect(found.int4).toBeGreaterThan(0)
    expect(found.int4 + found.int8 + found.float).toBe(3)
    expect(notes?.join(' ')).toMatch(/Estimated front: .* MB at .* dB/)
    expect(notes?.join(' ')).toMatch(/Most sensitive: /)
  })

  it('that nothing fits into is a problem', async () => {
    await expect(shop.run(mixedPrecision, model, { ...anyMachine, budget: { megabytes: 0.001 } }, await samples())).rejects.toThrow(
      /smallest mixture/,
    )
  })
})

describe('layers that are slower in low precision', () => {
  it('go back to float, with both times, where timing says so', async () => {
    // Quantizing 4096 rows of 16 costs more than their product with a 16 x 16 matrix, unless the machine is too busy to tell.
    const thin = modelOf('(x: float32[n, 4096, 16]) -> (y: float32[n, 4096, 16])\nh = MatMul(x, float32[16, 16])\ny = Relu(h)')
    const real = shop.context(await madeUpData(shop, { name: 'x', dims: [4096, 16], count: 4 }, (i) => Math.sin(i * 0.37)))
    const blocks: Copies[] = []
    const context: PassContext = {
      ...real,
      async time(models, feeds) {
        const timed = await real.time(models, feeds)
        blocks.push(timed.copies)
        return timed
      },
    }
    const options = mixedPrecision.options.parse({ budget: { decibels: 10 } })
    const { parts, notes } = await mixedPrecision.run(thin.fork(), options, context)
    let next = 0
    const judged = () => comparedBy(async () => ({ copies: blocks[next++]! }))
    const { before, after, verdict } = await judged()
    const faster = verdict === 'faster' && (await judged()).verdict === 'faster'
    expect(next).toBe(blocks.length)
    expect(precisionsIn(parts[0]!)).toEqual(faster ? { int8: 0, int4: 0, float: 1 } : { int8: 1, int4: 0, float: 0 })
    const times = `a run takes ${after.toFixed(3)} ms instead of ${before.toFixed(3)} ms on this machine`
    expect(notes?.join(' ')).toContain(faster ? times : 'No layer is slower in low precision than in float on this machine')
  })

  /** Times as if products in 8 bits took `int8` and others 1, the second timing of each comparison times `again`. */
  const timesOf = (int8: number, again = 1): PassContext['time'] => {
    let calls = 0
    return async (models) => {
      const factor = calls++ % 2 === 0 ? 1 : again
      const copies = models.map(({ graph }, which) => {
        const cost = graph.nodes.reduce((sum, { opType }) => sum + (opType === 'MatMulInteger' ? int8 : opType === 'MatMul' ? 1 : 0), 0)
        return [0, 1].map((copy) =>
          Array.from({ length: 31 }, (_, round) => cost * (which === 1 ? factor : 1) + ((copy + round) % 2) * 1e-4),
        )
      })
      return { runs: copies.map(([own]) => own!), copies, floor: 0 }
    }
  }
  const mixed = async (time: PassContext['time'], options: object = {}) => {
    const chosen = mixedPrecision.options.parse({ budget: { decibels: 0 }, studySeconds: 0, ...options })
    const { parts, notes } = await mixedPrecision.run(model.fork(), chosen, { ...shop.context(await samples()), time })
    return { ...precisionsIn(parts[0]!), notes: notes!.join(' ') }
  }

  it('go back kind by kind, and are named with both times and the bytes', async () => {
    const { int8, float, notes } = await mixed(timesOf(3))
    expect({ int8, float }).toEqual({ int8: 0, float: 3 })
    // What is told is what is written, not what went back.
    expect(notes).toMatch(/^Of 3 units 3 in float32;/)
    expect(notes).toMatch(/no loss on \d+ /)
    expect(notes).toMatch(
      /(is|are) back in float: a run takes \d+\.\d{3} ms instead of \d+\.\d{3} ms on this machine, with 0\.\d\d MB more/,
    )
  })

  it('stay where they are when a second timing does not agree', async () => {
    expect((await mixed(timesOf(1.1, 1.3))).int8).toBe(3)
  })

  it('stay where they are when they are faster, or when the machine shall not be asked', async () => {
    expect((await mixed(timesOf(0.5))).int8).toBe(3)
    const silent = async () => Promise.reject(new Error('nothing was to be timed'))
    expect((await mixed(silent, { revertSlower: false })).int8).toBe(3)
  })
})

it('what is not tried in time is taken at its estimate, and verified with the rest', async () => {
  const data = await samples()
  const reference = await shop.outputs(model, data.evaluation!)
  const { parts, notes } = await shop.run(mixedPrecision, model, { ...anyMachine, budget: { decibels: 0 }, seconds: 1e-9 }, data)
  expect(precisionsIn(parts[0]!)).toEqual({ int8: 3, int4: 0, float: 0 })
  expect(notes?.join(' ')).toMatch(/For want of time 3 of them were taken at their estimates/)
  const strict = await shop.run(mixedPrecision, model, { ...anyMachine, budget: { decibels: 45 }, seconds: 1e-9 }, data)
  expect(sqnr(reference, await shop.outputs(strict.parts[0]!, data.evaluation!, { level: 'disabled' }))).toBeGreaterThanOrEqual(45)
})

describe('what is told of each layer', () => {
  it('is its error alone, that of all others, and of its weights and activations apart', async () => {
    const data = await samples()
    const mild = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
      a = MatMul(x, float32[64, 64])
      b = Tanh(a)
      c = MatMul(b, float32[64, 64])
      y = MatMul(c, float32[64, 32])`)
    const { sensitivity } = await shop.run(mixedPrecision, mild, { ...anyMachine, budget: { decibels: 0 } }, data)
    const { rows, everything, front } = sensitivity!
    expect(rows.map(({ nodes }) => nodes)).toHaveLength(3)
    expect(rows.map(({ alone }) => alone?.sqnrDb)).toEqual(rows.map(({ alone }) => alone?.sqnrDb).sort((a, b) => a! - b!))
    for (const { alone, allOthers, weightsAlone, activationsAlone, estimateDb, chosen } of rows) {
      expect(chosen).toBe('int8')
      // Errors of weights and activations are independent: their powers add up.
      const power = (decibels: number) => 10 ** (-decibels / 10)
      const sum = power(weightsAlone!.sqnrDb!) + power(activationsAlone!.sqnrDb!)
      expect(-10 * Math.log10(sum)).toBeCloseTo(alone!.sqnrDb!, -0.5)
      expect(allOthers!.sqnrDb!).toBeGreaterThan(everything!.sqnrDb!)
      expect(alone!.sqnrDb!).toBeGreaterThan(everything!.sqnrDb!)
      expect(alone!.cosine).toBeGreaterThan(0.99)
      expect(estimateDb.weights).toBeGreaterThan(20)
      expect(estimateDb.activations).toBeGreaterThan(20)
    }
    expect(front.filter(({ chosen }) => chosen)).toHaveLength(1)
    expect(sensitivitySchema.parse(sensitivity)).toEqual(sensitivity)
  })

  it('names each layer of a unit that moves together, alone', async () => {
    const attention = modelOf(`(x: float32[n, 64]) -> (y: float32[n, 32])
      q = MatMul(x, float32[64, 32])
      k = MatMul(x, float32[64, 32])
      s = Mul(q, k)
      y = Tanh(s)`)
    const { sensitivity } = await shop.run(mixedPrecision, attention, { ...anyMachine, budget: { decibels: 0 } }, await samples())
    const [unit] = sensitivity!.rows
    expect(unit!.nodes).toHaveLength(2)
    expect(unit!.members.map(({ node }) => node)).toEqual(unit!.nodes)
    for (const { alone } of unit!.members) expect(alone!.sqnrDb!).toBeGreaterThan(unit!.alone!.sqnrDb!)
  })

  it('ends with the time for it, and the choice stands', async () => {
    const { sensitivity } = await shop.run(
      mixedPrecision,
      model,
      { ...anyMachine, budget: { decibels: 0 }, studySeconds: 0 },
      await samples(),
    )
    expect(sensitivity!.rows.map(({ allOthers, weightsAlone }) => [allOthers, weightsAlone])).toEqual(Array(3).fill([null, null]))
    expect(sensitivity!.rows.every(({ alone }) => alone !== null)).toBe(true)
  })
})

describe('a budget of speed', () => {
  const times: PassContext['time'] = async (models) => {
    const cost: Readonly<Record<string, number>> = { MatMul: 2, MatMulInteger: 1 }
    const runs = models.map(({ graph }) => Array(31).fill(graph.nodes.reduce((sum, { opType }) => sum + (cost[opType] ?? 0), 0)))
    return { runs, copies: runs.map((own) => [own, own]), floor: 0 }
  }
  const fastest = async (budget: object) => {
    const data = await samples()
    const context = { ...shop.context(data), time: times }
    const { parts, notes, sensitivity } = await mixedPrecision.run(model.fork(), mixedPrecision.options.parse({ budget }), context)
    const decibels = sqnr(
      await shop.outputs(model, data.evaluation!),
      await shop.outputs(parts[0]!, data.evaluation!, { level: 'disabled' }),
    )
    return { precisions: precisionsIn(parts[0]!), decibels, notes: notes!.join(' '), sensitivity: sensitivity! }
  }

  it('lowers what is faster as far as the loss allows, and tells the times', async () => {
    const loose = await fastest({ fastestWithinDecibels: 0 })
    expect(loose.precisions).toEqual({ int8: 3, int4: 0, float: 0 })
    expect(loose.notes).toContain('A run takes 3.000 ms, in float 6.000 ms.')
    expect(loose.sensitivity.rows.map(({ milliseconds }) => milliseconds)).toEqual([-1, -1, -1])
    const strict = await fastest({ fastestWithinDecibels: 45 })
    expect(strict.decibels).toBeGreaterThanOrEqual(45)
    expect(strict.precisions.int8).toBeLessThan(3)
  })
})

it('a model that gives no finite number is a problem', async () => {
  const never = modelOf('(x: float32[n, 64]) -> (y: float32[n, 32])\nh = Div(x, float32[64] zeros)\ny = MatMul(h, float32[64, 32])')
  await expect(shop.run(mixedPrecision, never, { ...anyMachine, budget: { decibels: 0 } }, await samples())).rejects.toThrow(
    /holds no finite number/,
  )
})

it('what some samples make no number is told, and the rest ranks the layers', async () => {
  // The logarithm of a sum of squares less 20: NaN where a wave is low.
  const gaps = modelOf(`(x: float32[n, 64]) -> (z: float32[n, 32])
    a = MatMul(x, float32[64, 64])
    b = Tanh(a)
    y = MatMul(b, float32[64, 32])
    s = ReduceSum(x, int64[1] ones) {keepdims: 1}
    l = Log(s)
    z = Add(y, l)`)
  const data = await samples()
  const reference = await shop.outputs(gaps, data.evaluation!)
  const holes = reference.filter((value) => !Number.isFinite(value)).length
  const first = Math.floor(reference.findIndex((value) => !Number.isFinite(value)) / 32)
  expect(holes).toBeGreaterThan(0)
  expect(holes).toBeLessThan(reference.length)
  const { parts, notes } = await shop.run(mixedPrecision, gaps, { ...anyMachine, budget: { decibels: 20 }, samples: 64 }, data)
  expect(notes!.join(' ')).toContain(
    `Of 2,048 elements of the output 'z' ${holes} are NaN or infinite in float, first on calibration sample ${first}, counted from 0`,
  )
  expect(notes!.filter((note) => note.includes('NaN or infinite'))).toHaveLength(2)
  expect(precisionsIn(parts[0]!).int8).toBe(2)
})

it('a model whose first output is a class, or of half floats, is judged by what there is of floats', async () => {
  const judged = async (borders: string, end: string) => {
    const odd = modelOf(`(x: float32[n, 64]) -> (${borders})\na = MatMul(x, float32[64, 64])\nb = Tanh(a)\n${end}`)
    return shop.run(mixedPrecision, odd, { ...anyMachine, budget: { decibels: 20 } }, await samples())
  }
  const first = await judged('i: int64[n], y: float32[n, 32]', 'y = MatMul(b, float32[64, 32])\ni = ArgMax(y) {axis: 1, keepdims: 0}')
  expect(precisionsIn(first.parts[0]!).int8).toBe(2)
  expect(first.notes!.join(' ')).toContain("Layers are judged by the output 'y', the first one of floats.")
  const half = await judged('y: float16[n, 32]', 'c = MatMul(b, float32[64, 32])\ny = Cast(c) {to: 10}')
  expect(precisionsIn(half.parts[0]!).int8).toBe(2)
  expect(half.notes!.join(' ')).toMatch(/\d dB on 64 samples/)
  await expect(judged('y: int64[n]', 'c = MatMul(b, float32[64, 32])\ny = ArgMax(c) {axis: 1, keepdims: 0}')).rejects.toThrow(
    /gives out no floats .*Add an output of floats/,
  )
})

it('a mixture that loses nothing is verified all the same', async () => {
  const zeros = modelOf('(x: float32[n, 64]) -> (y: float32[n, 64])\nh = MatMul(x, float32[64, 64] zeros)\ny = Add(h, x)')
  const { notes } = await shop.run(mixedPrecision, zeros, { ...anyMachine, budget: { decibels: 30 } }, await samples())
  expect(notes?.join(' ')).toContain('no loss on 64 samples that the search never saw')
})

it('without samples there is nothing to try layers on', async () => {
  await expect(shop.run(mixedPrecision, model)).rejects.toThrow(/needs samples/)
})
