import { describe, expect, it } from 'vitest'
import { openData } from '../../../core/data/open.ts'
import { feedsOf, withLabels } from '../../../core/data/samples.ts'
import { arrayBytes, numbersOf } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { modelOf } from '../../support/graph.ts'
import { type ArrayBytes, npzBytes } from '../../support/npz.ts'

const { write, store } = await dataFolder()
const model = modelOf('(x: float32[batch, 2], m: int64[batch, 2]) -> (y: float32[batch, 2])\nc = Cast(m) {to: 1}\ny = Mul(x, c)')
const count = 10
const x: ArrayBytes = { descr: '<f4', shape: [count, 2], data: arrayBytes(Float32Array.from({ length: 2 * count }, (_, i) => i)) }
const labels: ArrayBytes = {
  descr: '<i8',
  shape: [count],
  data: arrayBytes(BigInt64Array.from({ length: count }, (_, i) => BigInt(100 + i))),
}

async function open(arrays: Record<string, ArrayBytes>, changes: object = {}, options: object = {}) {
  await write('eval.npz', npzBytes(arrays))
  const document = { lathe: 1, kind: 'npz', evaluation: { file: 'eval.npz', labels: 'labels' }, metric: { kind: 'accuracy' }, ...changes }
  return openData({ manifest: await write('dataset.json', document), graph: model.graph, store, ...options })
}

describe('a dataset opened for a model', () => {
  it('gives searches one half and final figures the other', async () => {
    const { selection, evaluation } = await open({ x, m: { ...x, descr: '<i8', data: new Uint8Array(16 * count) }, labels })
    const half = [...(selection?.labels?.values ?? [])]
    const rest = [...(evaluation?.labels?.values ?? [])]
    expect(half).toHaveLength(5)
    expect([...half, ...rest].sort()).toEqual(Array.from({ length: count }, (_, i) => 100 + i))
    expect(evaluation?.description).toMatch(/not used by searches, seed 7/)
    const feeds = await feedsOf(evaluation!.table, 0, 5)
    const firsts = [...numbersOf(tensorOf('float32', [10], feeds.x!.data))].filter((_, i) => i % 2 === 0)
    expect(firsts.map((value) => 100 + value / 2)).toEqual(rest)
  })

  it('names samples that hold no numbers, and leaves them out only when asked', async () => {
    const values = Float32Array.from({ length: 2 * count }, (_, i) => (i === 7 ? Number.NaN : i === 8 ? -Infinity : i))
    const broken = { x: { ...x, data: arrayBytes(values) }, labels }
    expect(await problemIn(open(broken))).toMatchObject({
      code: 'broken-sample',
      what: "Sample 3 is broken: array 'x' holds what is not a number (NaN)",
    })
    const { evaluation, notes } = await open(broken, {}, { skipBroken: true, halve: false })
    expect(notes).toContain('1 broken sample was left out: 3.')
    expect([...(evaluation?.labels?.values ?? [])]).toEqual([100, 101, 102, 104, 105, 106, 107, 108, 109])
  })

  it('cannot go without a single sound sample', async () => {
    const broken = { ...x, data: arrayBytes(new Float32Array(2 * count).fill(Number.NaN)) }
    expect(await problemIn(open({ x: broken, labels }, {}, { skipBroken: true }))).toMatchObject({
      code: 'no-samples',
      what: 'None of the 10 evaluation samples can be used',
    })
  })

  it('keeps all samples together when nothing searches, and names its content', async () => {
    const all = await open({ x, labels }, {}, { halve: false })
    expect(all.selection).toBe(null)
    expect(all.evaluation?.table.count).toBe(count)
    expect(withLabels(all.evaluation!).inputs.map(({ name }) => name)).toEqual(['x', 'm', '@labels'])
    expect((await open({ x, labels }, {}, { halve: false })).evaluation?.table.id).toBe(all.evaluation?.table.id)
    const other = { ...x, data: arrayBytes(new Float32Array(2 * count)) }
    expect((await open({ x: other, labels }, {}, { halve: false })).evaluation?.table.id).not.toBe(all.evaluation?.table.id)
  })

  it('makes up what is missing and says so', async () => {
    const { notes } = await open({ x, labels })
    expect(notes.join()).toMatch(/nothing for m: made up from type and shape with seed 7/)
  })

  it('casts where nothing is lost', async () => {
    const narrow: ArrayBytes = { descr: '<i4', shape: [count, 2], data: arrayBytes(Int32Array.from({ length: 2 * count }, (_, i) => -i)) }
    const { evaluation, notes } = await open({ x, m: narrow, labels }, {}, { halve: false })
    const { m } = await feedsOf(evaluation!.table, 1, 1)
    expect(m).toMatchObject({ dtype: 'int64', dims: [1, 2] })
    expect([...new BigInt64Array(m!.data.slice().buffer)]).toEqual([-2n, -3n])
    expect(notes).toContain('m: int32 samples were turned into int64.')
  })

  it.each([
    [
      'a shape',
      { x: { ...x, shape: [count / 2, 4] }, labels: { ...labels, shape: [5], data: labels.data.slice(0, 40) } },
      /'x' has samples of \[4\], the model expects \[2\]/,
    ],
    ['a type', { x: { ...x, descr: '<i4' }, labels }, /'x' holds int32, the model expects float32/],
    ['names', { z: x, labels }, /has z, but the model takes x, m/],
  ])('tells of %s that does not fit', async (_, arrays, sentence) => {
    expect((await problemIn(open(arrays))).what).toMatch(sentence)
  })

  it('tells of a metric that cannot be taken', async () => {
    expect(await problemIn(open({ x, labels }, { evaluation: { file: 'eval.npz' } }))).toMatchObject({ code: 'no-labels' })
    expect(await problemIn(open({ x, labels }, { metric: { kind: 'accuracy', output: 'z' } }))).toMatchObject({
      code: 'no-such-output',
      mend: 'Name one of y.',
    })
  })
})

it('feeds wrap around at the end of the samples', async () => {
  const { evaluation } = await open({ x, labels }, {}, { halve: false })
  const { x: feed } = await feedsOf(evaluation!.table, 9, 2)
  expect([...numbersOf(tensorOf('float32', [4], feed!.data))]).toEqual([18, 19, 0, 1])
})
