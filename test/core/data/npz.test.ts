import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadNpz } from '../../../core/data/npz.ts'
import { readRange } from '../../../core/data/range.ts'
import { byteLength } from '../../../core/ir/dtype.ts'
import { arrayBytes, numbersOf } from '../../../core/ir/numbers.ts'
import { countOf, tensorOf } from '../../../core/ir/tensor.ts'
import type { SampleColumn } from '../../../core/runtime/session.ts'
import { dataFolder, problemIn } from '../../support/data-folder.ts'
import { type ArrayBytes, npyBytes, npzBytes, zipBytes } from '../../support/npz.ts'

const { write, store } = await dataFolder()

/** The elements of a column, wherever they lie. */
async function elements(column: SampleColumn, count: number): Promise<number[]> {
  const size = count * countOf(column.dims)
  const bytes = await readRange(column.file, column.offset, column.offset + byteLength(column.dtype, size))
  return [...numbersOf(tensorOf(column.dtype, [size], bytes))]
}

async function load(arrays: Record<string, ArrayBytes>, { deflate = false, labels = undefined as string | undefined } = {}) {
  return loadNpz(await write('data.npz', npzBytes(arrays, { deflate })), labels, store)
}

const grid: ArrayBytes = { descr: '<f4', shape: [2, 3], data: arrayBytes(Float32Array.of(1, 2, 3, 4, 5, 6)) }

describe('arrays of an npz file', () => {
  it('are used where they lie when stored plainly', async () => {
    const { count, columns } = await load({ x: grid })
    expect(count).toBe(2)
    expect(columns).toMatchObject([{ name: 'x', dtype: 'float32', dims: [3] }])
    expect(columns[0]?.file).toMatch(/data\.npz$/)
    expect(await elements(columns[0] as SampleColumn, 2)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('are unpacked when deflated', async () => {
    const { columns } = await load({ x: grid }, { deflate: true })
    expect(columns[0]?.file).not.toMatch(/data\.npz$/)
    expect(await elements(columns[0] as SampleColumn, 2)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it.each([
    ['big-endian', { descr: '>i2', shape: [2, 2], data: Uint8Array.of(0, 1, 0, 2, 255, 255, 1, 0) }, [1, 2, -1, 256]],
    ['in Fortran order', { ...grid, data: arrayBytes(Float32Array.of(1, 4, 2, 5, 3, 6)), fortran: true }, [1, 2, 3, 4, 5, 6]],
    ['float16', { descr: '<f2', shape: [2], data: Uint8Array.of(0, 0x3c, 0, 0xc0) }, [1, -2]],
    ['bool', { descr: '|b1', shape: [2], data: Uint8Array.of(1, 0) }, [1, 0]],
    ['int64', { descr: '<i8', shape: [2], data: arrayBytes(BigInt64Array.of(-3n, 2n ** 40n)) }, [-3, 2 ** 40]],
    ['uint8 of version 2', { descr: '|u1', shape: [2], data: Uint8Array.of(7, 255), version: 2 as const }, [7, 255]],
    ['float64 of version 3', { descr: '<f8', shape: [1], data: arrayBytes(Float64Array.of(0.25)), version: 3 as const }, [0.25]],
    [
      'three axes in Fortran order',
      { descr: '|u1', shape: [2, 2, 2], data: Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 7), fortran: true },
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  ])('are read when %s', async (_, array, expected) => {
    const { columns, count } = await load({ x: array })
    expect(await elements(columns[0] as SampleColumn, count)).toEqual(expected)
  })

  it('give labels apart from inputs, numbers as they are and names by their order', async () => {
    const labels: ArrayBytes = { descr: '<i4', shape: [2], data: arrayBytes(Int32Array.of(5, 3)) }
    const numbers = await load({ x: grid, y: labels }, { labels: 'y' })
    expect(numbers.columns.map(({ name }) => name)).toEqual(['x'])
    expect([...(numbers.labels?.values ?? [])]).toEqual([5, 3])
    const names: ArrayBytes = {
      descr: '<U3',
      shape: [2],
      data: arrayBytes(Uint32Array.of(...[...'dog'].map((c) => c.charCodeAt(0)), 99, 97, 116)),
    }
    expect([...((await load({ x: grid, y: names }, { labels: 'y' })).labels?.values ?? [])]).toEqual([1, 0])
    const path = await write('named.npz', npzBytes({ x: grid, y: names }))
    const named = await loadNpz(path, 'y', store, { classes: ['ant', 'cat', 'dog'], manifest: path })
    expect([...(named.labels?.values ?? [])]).toEqual([2, 1])
  })

  it('of the bundled sample are those that numpy wrote', async () => {
    const { count, columns, labels } = await loadNpz('samples/digits-cnn/eval.npz', 'labels', store)
    expect({ count, dims: columns[0]?.dims, labels: labels?.values.length }).toEqual({ count: 400, dims: [1, 32, 32], labels: 400 })
    const first = await elements({ ...(columns[0] as SampleColumn), dims: [32] }, 32)
    expect(first.every(Number.isFinite)).toBe(true)
  })
})

describe('what is wrong with an npz file', () => {
  it.each([
    ['no zip archive', Buffer.from('not a zip'), /end-of-directory/],
    ['a zip archive without arrays', zipBytes({ 'a.txt': Uint8Array.of(1) }), /no \.npy array/],
    ['an array of Python objects', npzBytes({ x: { ...grid, descr: '|O' } }), /'x' cannot be read: its elements are '\|O'/],
    ['records', npzBytes({ x: { ...grid, descr: "[('a', '<f4')]" } }), /records or Python objects/],
    ['an array that is too short', npzBytes({ x: { ...grid, shape: [4, 3] } }), /'x' has 24 bytes of elements, its header asks for 48/],
    ['no numpy array at all', zipBytes({ 'x.npy': Buffer.alloc(100) }), /does not begin with the mark of numpy/],
    ['an unknown version', zipBytes({ 'x.npy': Buffer.from(npyBytes(grid)).fill(9, 6, 7) }), /version 9/],
    ['different counts of samples', npzBytes({ x: grid, y: { ...grid, shape: [3, 2] } }), /'y' has 3 samples, 'x' has 2/],
    ['no samples', npzBytes({ x: { ...grid, shape: [0, 3], data: new Uint8Array(0) } }), /'x' holds no samples/],
  ])('is told: %s', async (_, bytes, sentence) => {
    const file = await write('bad.npz', bytes)
    const problem = await problemIn(loadNpz(file, undefined, store))
    expect(problem.what).toMatch(sentence)
    expect(problem.where.file).toBe(file)
    expect(problem.kind).not.toBe('internal')
  })

  it('names the arrays that there are when the labels are missing', async () => {
    const problem = await problemIn(load({ x: grid }, { labels: 'y' }))
    expect(problem).toMatchObject({ code: 'missing-array', what: "There is no array 'y' for the labels" })
    expect(problem.mend).toMatch(/The file has x/)
  })

  it('is a problem wherever a file is cut or changed, never a bug', async () => {
    const whole = await readFile('samples/digits-cnn/calib.npz')
    for (const cut of [10, 1000, whole.length - 30, whole.length - 200]) {
      expect((await problemIn(loadNpz(await write('cut.npz', whole.subarray(0, cut)), 'labels', store))).kind).toBe('format')
    }
    const packed = Buffer.from(
      npzBytes({ x: { descr: '<f4', shape: [64, 64], data: new Uint8Array(64 * 64 * 4).map((_, i) => i * 7) } }, { deflate: true }),
    )
    packed.fill(0xff, 100, 140)
    expect((await problemIn(loadNpz(await write('flipped.npz', packed), undefined, store))).kind).toBe('format')
  })
})
