import { describe, expect, it } from 'vitest'
import { smallestTable } from '../../../core/data/index-range.ts'
import { generatedData } from '../../../core/data/open.ts'
import { feedsOf } from '../../../core/data/samples.ts'
import { numbersOf } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'
import type { Value } from '../../../core/ir/value.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'

const { store } = await dataFolder()

async function samples(text: string, { count = 3, seed = 7, sizes = {} as Record<string, number> } = {}) {
  const { graph } = modelOf(text)
  const { evaluation } = await generatedData({ graph, store, count, seed, sizes: new Map(Object.entries(sizes)) })
  const feeds = await feedsOf(evaluation!.table, 0, count)
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, dims, data }]) => [
      name,
      { dtype, dims, values: [...numbersOf(tensorOf(dtype, dims, data))] },
    ]),
  )
}

describe('inputs that the dataset lacks', () => {
  it('are masks of ones, positions that count up, empty caches and ids below the table', async () => {
    const { input_ids, attention_mask, position_ids, past_key } = await samples(
      `(input_ids: int64[batch, sequence], attention_mask: int64[batch, total_sequence], position_ids: int64[batch, sequence],
        past_key: float32[batch, 2, past_sequence, 4]) -> (y: float32[...])
       table = float32[5, 2]
       flat = Reshape(input_ids, int64[1] { -1 })
       ids = Cast(flat) {to: 6}
       y = Gather(table, ids)`,
      { sizes: { sequence: 40 } },
    )
    expect(attention_mask).toMatchObject({ dims: [3, 40], values: Array(120).fill(1) })
    expect(position_ids?.values.slice(0, 41)).toEqual([...Array(40).keys(), 0])
    expect(past_key).toMatchObject({ dims: [3, 2, 0, 4], values: [] })
    expect(new Set(input_ids?.values)).toEqual(new Set([0, 1, 2, 3, 4]))
  })

  it('are drawn from N(0, 1) by their seed', async () => {
    const text = '(x: float32[batch, 1000]) -> (y: float32[batch, 1000])\ny = Relu(x)'
    const values = (await samples(text)).x?.values ?? []
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.1)
    expect(Math.abs(variance - 1)).toBeLessThan(0.1)
    expect((await samples(text)).x?.values).toEqual(values)
    expect((await samples(text, { seed: 8 })).x?.values).not.toEqual(values)
  })

  it.each([
    ['float32[1000000, 1000000]', 'float32[1000000, 1000000]: 1 sample of it would be 3.73e+3 GiB'],
    ['int64[100000, 100000]', 'int64[100000, 100000]: 1 sample of it would be 74.5 GiB'],
  ])('are not made up where they are as large as %s', async (type, told) => {
    const problem = await problemIn(samples(`(x: ${type}) -> (y: ${type})\ny = Identity(x)`, { count: 1 }))
    expect(problem).toMatchObject({ kind: 'unsupported', code: 'input-too-large', where: { tensor: 'x' } })
    expect(problem.what).toContain(told)
    expect(problem.mend).toMatch(/freeze-shapes.*--data/)
  })

  it('have no axis of samples where the model has none', async () => {
    const { x, s } = await samples('(x: float32[3, 4], s: float32) -> (y: float32[3, 4])\ny = Mul(x, s)', { count: 1 })
    expect(x?.dims).toEqual([3, 4])
    expect(s?.dims).toEqual([])
  })

  it('have no axis of samples where another input has the same further in', async () => {
    const { tokens, positions } = await samples(
      '(tokens: float32[batch, length], positions: float32[length]) -> (y: float32[batch, length])\ny = Add(tokens, positions)',
      { count: 1, sizes: { length: 6 } },
    )
    expect([tokens?.dims, positions?.dims]).toEqual([[1, 6], [6]])
  })

  it('are one state of a recurrent layer, at a usual sampling rate', async () => {
    const text = '(state: float32[2, ?, 8], sr: int64) -> (y: float32[...])\nrate = Cast(sr) {to: 1}\ny = Mul(state, rate)'
    const { state, sr } = await samples(text, { count: 1 })
    expect(state?.dims).toEqual([2, 1, 8])
    expect(sr?.values).toEqual([16_000])
  })

  it('have the size that is said for axes without a name', async () => {
    const { x } = await samples('(x: float32[?, ?]) -> (y: float32[...])\ny = Relu(x)', { sizes: { '?': 5 } })
    expect(x?.dims).toEqual([3, 5])
  })

  it('are the shapes, sizes, scales and steps that declared outputs imply', async () => {
    const { shape, split, scales, sizes, steps } = await samples(
      `(x: float32[2, 6], image: float32[2, 1, 4, 4], shape: int64[3], split: int64[2], scales: float32[4], sizes: int64[4], steps: int64[2])
        -> (a: float32[3, 2, 2], b: float32[2, 2], c: float32[2, 4], d: float32[2, 1, 2, 8], e: float32[2, 1, 8, 8], f: float32[...])
       a = Reshape(x, shape)
       b, c = Split(x, split) {axis: 1}
       d = Resize(image, _, scales)
       e = Resize(image, _, _, sizes)
       f = Slice(x, int64[2] {0, 0}, int64[2] {9, 9}, int64[2] {0, 1}, steps)`,
      { count: 1 },
    )
    expect(shape?.values).toEqual([3, 2, 2])
    expect(split?.values).toEqual([2, 4])
    expect(scales?.values).toEqual([1, 1, 0.5, 2])
    expect(sizes?.values).toEqual([2, 1, 8, 8])
    expect(steps?.values).toEqual([1, 1])
  })

  it.each(['uint8', 'int32', 'uint64'])('are nothing that %s is divided by 0 with', async (dtype) => {
    const { a, b, c } = await samples(
      `(a: ${dtype}[50], b: ${dtype}[50], c: ${dtype}[50]) -> (y: ${dtype}[50], z: ${dtype}[50])\ny = Div(a, b)\nr = Reshape(c, int64[1] { -1 })\nz = Mod(a, r)`,
    )
    expect(new Set([...b!.values, ...c!.values])).toEqual(new Set([1, 2]))
    expect(new Set(a!.values)).toEqual(new Set([0, 1]))
  })

  it.each(['float8e5m2', 'float8e4m3fn', 'float8e8m0', 'float4e2m1', 'int4', 'uint4', 'int2', 'uint2', 'bfloat16', 'complex64'])(
    'cannot be %s, which the runtime cannot be given',
    async (dtype) => {
      expect(await problemIn(samples(`(x: ${dtype}[5]) -> (y: ${dtype}[5])\ny = Identity(x)`))).toMatchObject({
        kind: 'unsupported',
        code: 'unfeedable-input',
        what: expect.stringContaining(`'x' takes ${dtype}`),
      })
    },
  )

  it('cannot be text', async () => {
    expect(await problemIn(samples('(x: string[batch]) -> (y: string[batch])\ny = Identity(x)'))).toMatchObject({ code: 'text-input' })
  })
})

describe('the smallest table that a value indexes', () => {
  const sizeFor = (text: string) => smallestTable(modelOf(text).graph.inputs[0] as Value)

  it('is found through casts and shapes, along the axis of the lookup', () => {
    expect(
      sizeFor('(i: int32[n]) -> (y: float32[...])\na = float32[7, 3]\nu = Unsqueeze(i, int64[1] { 0 })\ny = Gather(a, u) {axis: 1}'),
    ).toBe(3)
    expect(
      sizeFor(
        '(i: int32[n]) -> (y: float32[...])\na = float32[7, 3]\nb = float32[4, 3]\nc = Gather(a, i)\nd = Gather(b, i)\ny = Add(c, d)',
      ),
    ).toBe(4)
  })

  it('is found behind a dequantized table and in an embedding operator', () => {
    expect(sizeFor('(i: int64[n]) -> (y: float32[...])\na = int8[9, 2]\nd = DequantizeLinear(a, float32 0.5)\ny = Gather(d, i)')).toBe(9)
    const embed = `(i: int32[b, n]) -> (y: float32[...])
      w = float32[11, 4]
      p = float32[6, 4]
      g = float32[4]
      y, _ = com.microsoft.EmbedLayerNormalization(i, _, w, p, _, g, g)`
    expect(sizeFor(embed)).toBe(11)
  })

  it('is nothing when the value indexes nothing', () => {
    expect(sizeFor('(i: int64[n]) -> (y: int64[n])\ny = Add(i, int64 1)')).toBe(null)
  })
})
