import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../../core/api/problem.ts'
import type { DType } from '../../../../core/ir/dtype.ts'
import { tensorFrom } from '../../../../core/ir/numbers.ts'
import type { Classification } from '../../../../core/observe/classification.ts'
import { type Gram, gram } from '../../../../core/observe/gram.ts'
import type { Range } from '../../../../core/observe/range.ts'
import type { Deviation } from '../../../../core/observe/sqnr.ts'
import type { ObserveRequest, SampleTable } from '../../../../core/runtime/session.ts'
import { modelFile, sessionOf, testFolder } from '../../../support/model-file.ts'
import { residentBytes } from '../../../support/resident-bytes.ts'
import { normals, seeded } from '../../../support/seeds.ts'
import { testRuntime } from '../../../support/spawn-runtime.ts'
import { reduced, tensorData } from '../../../support/tensor-data.ts'

const folder = testFolder()
const runtime = await testRuntime()

let files = 0
function column(name: string, dtype: DType, dims: readonly number[], numbers: readonly number[]): SampleTable['inputs'][number] {
  files += 1
  const file = join(folder, `column-${files}.raw`)
  // The data of a column need not begin where its file does.
  writeFileSync(file, Buffer.concat([Buffer.alloc(13), tensorFrom(dtype, [numbers.length], numbers).read()]))
  return { name, dtype, dims, file, offset: 13 }
}
const table = (count: number, ...inputs: SampleTable['inputs']): SampleTable => ({ id: `table-${files}`, count, inputs })
const randoms = (count: number, seed: number) => {
  const next = normals(seeded(seed))
  return Array.from({ length: count }, () => Math.fround(next()))
}

const problemIn = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ProblemError)
  return (error as ProblemError).problem
}

const relu = 'opset 17\n(x: float32[batch, 3]) -> (y: float32[batch, 3])\nh = Neg(x)\ny = Relu(h)'
const at = (name: string, session = 0) => ({ session, name })

describe('observe', () => {
  const numbers = randoms(30, 1)
  const samples = table(10, column('x', 'float32', [3], numbers))

  it.each([1, 4, 10, 64])('sees every sample once in batches of %i: outputs, exposed values and inputs', async (batch) => {
    const session = sessionOf(await modelFile(folder, relu), { expose: ['h'] })
    const calls = [
      { key: 'out', reducer: 'gram', values: [at('y')] },
      { key: 'inside', reducer: 'minmax', values: [at('h')] },
      { key: 'in', reducer: 'minmax', values: [at('x')] },
    ]
    const progress: [number, number][] = []
    const results = await runtime.observe({ sessions: [session], samples, batch, calls }, { onProgress: (...now) => progress.push(now) })
    const gram = results.out as Gram
    expect(gram.rows).toBe(10)
    const out = numbers.map((number) => Math.max(0, -number))
    for (let i = 0; i < 3; i++) {
      const plain = Array.from({ length: 10 }, (_, row) => (out[row * 3 + i] as number) ** 2).reduce((a, b) => a + b)
      expect(gram.matrix[i * 4]).toBeCloseTo(plain, 6)
    }
    expect(results.inside).toEqual({ min: [-Math.max(...numbers)], max: [-Math.min(...numbers)] })
    expect(results.in).toEqual({ min: [Math.min(...numbers)], max: [Math.max(...numbers)] })
    expect(progress.at(-1)).toEqual([10, 10])
  })

  it('takes fewer at once where what it looks at is large', async () => {
    // 36 MB a sample.
    const wide = 'opset 17\n(x: float32[batch, 1, 3000]) -> (y: float32[batch, 3000, 3000])\ny = Add(x, float32[3000, 1] zeros)'
    const session = sessionOf(await modelFile(folder, wide))
    const steps: number[] = []
    const samples = table(8, column('x', 'float32', [1, 3000], randoms(24_000, 2)))
    const calls = [{ key: 'out', reducer: 'minmax', values: [at('y')] }]
    await runtime.observe({ sessions: [session], samples, batch: 8, calls }, { onProgress: (done) => steps.push(done) })
    expect(steps.length).toBeGreaterThan(1)
    expect(steps.at(-1)).toBe(8)
  })

  it('takes at most as many samples as it may', async () => {
    const session = sessionOf(await modelFile(folder, relu))
    const calls = [{ key: 'rows', reducer: 'gram', values: [at('x')] }]
    const { rows } = await runtime.observe({ sessions: [session], samples, batch: 4, limit: 6, calls })
    expect((rows as Gram).rows).toBe(6)
  })

  it.each([1, 4])('feeds a model that fixes batches of %i, and counts no sample twice', async (fixed) => {
    const text = `opset 17\n(x: float32[${fixed}, 3]) -> (y: float32[${fixed}, 3])\ny = Neg(x)`
    const calls = [
      { key: 'out', reducer: 'gram', values: [at('y')] },
      { key: 'in', reducer: 'gram', values: [at('x')] },
    ]
    const results = await runtime.observe({ sessions: [sessionOf(await modelFile(folder, text))], samples, batch: 5, calls })
    const plain = Array.from({ length: 10 }, (_, row) => (numbers[row * 3] as number) ** 2).reduce((a, b) => a + b)
    for (const gram of [results.out, results.in] as Gram[]) {
      expect(gram.rows).toBe(10)
      expect(gram.matrix[0]).toBeCloseTo(plain, 6)
    }
  })

  it('feeds a model that has no axis of samples', async () => {
    const session = sessionOf(await modelFile(folder, 'opset 17\n(x: float32[3]) -> (y: float32[3])\ny = Neg(x)'))
    const calls = [{ key: 'y', reducer: 'minmax', values: [at('y')] }]
    const { y } = await runtime.observe({ sessions: [session], samples, batch: 4, calls })
    expect((y as Range).max[0]).toBe(-Math.min(...numbers))
  })

  it('compares two versions, whose borders may differ in type and layout', async () => {
    const image = table(5, column('x', 'float32', [2, 4, 4], randoms(160, 2)))
    const first = await modelFile(folder, 'opset 17\n(x: float32[n, 2, 4, 4]) -> (y: float32[n, 2, 4, 4])\ny = Tanh(x)')
    const second = await modelFile(
      folder,
      `opset 17
      (pixels: float16[n, 4, 4, 2]) -> (y: float32[n, 2, 4, 4])
      f = Cast(pixels) {to: 1}
      t = Transpose(f) {perm: [0, 3, 1, 2]}
      y = Tanh(t)`,
    )
    const { error } = await runtime.observe({
      sessions: [sessionOf(first), sessionOf(second)],
      samples: image,
      batch: 2,
      calls: [{ key: 'error', reducer: 'sqnr', values: [at('y', 0), at('y', 1)] }],
      io: [{}, { pixels: { column: 'x', cast: 'float16', permute: [0, 2, 3, 1] } }],
    })
    const { sqnrDb, elements } = error as Deviation
    expect(elements).toBe(160)
    expect(sqnrDb).toBeGreaterThan(60)
    expect(sqnrDb).toBeLessThan(90)
  })

  it('feeds a session with what an earlier one gave', async () => {
    const first = sessionOf(await modelFile(folder, relu), { expose: ['h'] })
    const second = sessionOf(await modelFile(folder, 'opset 17\n(in: float32[n, 3]) -> (out: float32[n, 3])\nout = Neg(in)'))
    const calls = [{ key: 'back', reducer: 'sqnr', values: [at('x'), at('out', 1)] }]
    const io: ObserveRequest['io'] = [{}, { in: { column: 'h', session: 0 } }]
    const { back } = await runtime.observe({ sessions: [first, second], samples, batch: 4, calls, io })
    expect(back).toMatchObject({ maxAbs: 0, elements: 30 })
  })

  it('judges by labels that are a column and no input', async () => {
    const logits = randoms(40, 3)
    const labels = Array.from({ length: 10 }, (_, i) => i % 4)
    const judged = table(10, column('x', 'float32', [4], logits), column('labels', 'int64', [], labels))
    const session = sessionOf(await modelFile(folder, 'opset 17\n(x: float32[n, 4]) -> (y: float32[n, 4])\ny = Neg(x)'))
    const calls = [{ key: 'task', reducer: 'classification', values: [at('y'), at('labels')] }]
    const { task } = await runtime.observe({ sessions: [session], samples: judged, batch: 3, calls })
    const { samples: count, predicted, correct } = task as Classification
    const best = labels.map((_, row) => {
      const scores = logits.slice(row * 4, row * 4 + 4).map((number) => -number)
      return scores.indexOf(Math.max(...scores))
    })
    expect(count).toBe(10)
    expect([...predicted]).toEqual(best)
    expect([...correct]).toEqual(best.map((guess, row) => Number(guess === labels[row])))
  })

  it('says which input has no column, which value is not there, and which reducer it does not know', async () => {
    const session = sessionOf(await modelFile(folder, relu))
    const other = table(10, column('z', 'float32', [3], numbers))
    const request = { sessions: [session], samples, batch: 2 }
    const call = { key: 'k', reducer: 'minmax', values: [at('y')] }
    expect(await problemIn(runtime.observe({ ...request, samples: other, calls: [call] }))).toMatchObject({
      ...{ kind: 'input', code: 'missing-column', where: { tensor: 'x', file: session.model } },
    })
    expect(await problemIn(runtime.observe({ ...request, calls: [{ ...call, values: [at('h')] }] }))).toMatchObject({
      ...{ kind: 'input', code: 'unknown-value', where: { tensor: 'h' } },
    })
    expect(await problemIn(runtime.observe({ ...request, calls: [{ ...call, reducer: 'mode' }] }))).toMatchObject({
      ...{ kind: 'usage', code: 'unknown-reducer' },
    })
  })

  it('says which labels do not go with which scores', async () => {
    const judged = table(2, column('x', 'float32', [3], randoms(6, 5)), column('labels', 'int64', [], [0, 3]))
    const calls = [{ key: 'k', reducer: 'classification', values: [at('y'), at('labels')] }]
    const problem = await problemIn(
      runtime.observe({ sessions: [sessionOf(await modelFile(folder, relu))], samples: judged, batch: 2, calls }),
    )
    expect(problem).toMatchObject({ kind: 'input', code: 'values-do-not-fit', where: { tensor: 'y' } })
    expect(problem.what).toContain("'y' and 'labels': label 3 is none of the 3 classes")
  })

  it('lets the runtime multiply: a Gram matrix agrees with the plain one', async () => {
    const size = 96
    const rows = randoms(40 * size, 6)
    const wide = table(40, column('x', 'float32', [size], rows))
    const session = sessionOf(await modelFile(folder, `opset 17\n(x: float32[n, ${size}]) -> (y: float32[n, ${size}])\ny = Neg(x)`))
    const calls = [{ key: 'gram', reducer: 'gram', values: [at('x')], options: { rows: 37 } }]
    const { gram: found } = await runtime.observe({ sessions: [session], samples: wide, batch: 8, calls })
    const plain = reduced(gram, { rows: 37 }, [[tensorData('float32', [40, size], rows)]])
    const { matrix, sums, rows: count } = found as Gram
    expect(count).toBe(37)
    expect(Math.max(...matrix.map((entry, i) => Math.abs(entry - (plain.matrix[i] as number))))).toBeLessThan(1e-4)
    expect(Math.max(...sums.map((entry, i) => Math.abs(entry - (plain.sums[i] as number))))).toBeLessThan(1e-4)
  })

  it('says when the samples end before they should', async () => {
    const session = sessionOf(await modelFile(folder, relu))
    const calls = [{ key: 'k', reducer: 'minmax', values: [at('y')] }]
    const problem = await problemIn(runtime.observe({ sessions: [session], samples: { ...samples, count: 11 }, batch: 4, calls }))
    expect(problem).toMatchObject({ kind: 'file', code: 'samples-end-early', where: { tensor: 'x', offset: 13 + 120 } })
  })

  it('refuses versions that fix different batches', async () => {
    const model = (size: number) => modelFile(folder, `opset 17\n(x: float32[${size}, 3]) -> (y: float32[${size}, 3])\ny = Neg(x)`)
    const sessions = [sessionOf(await model(1)), sessionOf(await model(2))]
    expect(await problemIn(runtime.observe({ sessions, samples, batch: 1, calls: [] }))).toMatchObject({ code: 'batch-sizes-differ' })
  })

  it('does not grow with the number of samples', async () => {
    // Every sample has 8 MB of values that are looked at.
    const wide = 'opset 17\n(x: float32[n, 1]) -> (y: float32[n, 2000000])\nw = float32[1, 2000000] ones\ny = Mul(x, w)'
    const session = sessionOf(await modelFile(folder, wide))
    const alone = await testRuntime()
    const many = table(80, column('x', 'float32', [1], randoms(80, 4)))
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, residentBytes(alone.processes[0]?.pid))
    }, 20)
    const calls = [{ key: 'range', reducer: 'minmax', values: [at('y')] }]
    const { range } = await alone.observe({ sessions: [session], samples: many, batch: 1, calls })
    clearInterval(watch)
    expect((range as Range).max[0]).toBe(Math.max(...randoms(80, 4)))
    // All values together would be 640 MB.
    if (process.platform === 'linux') expect(peak).toBeGreaterThan(50e6)
    expect(peak).toBeLessThan(500e6)
  })
})
