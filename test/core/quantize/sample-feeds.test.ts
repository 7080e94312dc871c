import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { firstSample, firstSamples } from '../../../core/quantize/sample-feeds.ts'
import { modelOf } from '../../support/graph.ts'

const folder = await mkdtemp(join(tmpdir(), 'lathe-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const file = join(folder, 'samples')
/** Five samples of two numbers. */
await writeFile(file, new Uint8Array(Float32Array.from({ length: 10 }, (_, i) => i).buffer))

const table = (dims: readonly number[], whole: boolean, count = 5) => ({
  id: 'numbers',
  count,
  inputs: [{ name: 'x', dtype: 'float32' as const, dims, whole, file, offset: 0 }],
})
const numbersOf = (feeds: ReturnType<typeof firstSample>) => [feeds.x!.dims, [...new Float32Array(feeds.x!.data.slice().buffer)]]

describe('samples in batches', () => {
  it('of as many as fit, each once', () => {
    const batches = firstSamples(table([2], false), 3, modelOf('(x: float32[n, 2]) -> (y: float32[n, 2])\ny = Relu(x)'))
    expect([...batches.feeds()].map(numbersOf)).toEqual([
      [
        [3, 2],
        [0, 1, 2, 3, 4, 5],
      ],
    ])
    expect(batches.runs).toEqual([{ from: 0, rows: 3 }])
  })

  it('one after the other where the input has no axis of samples', () => {
    const model = modelOf('(x: float32[1, 2]) -> (y: float32[1, 2])\ny = Relu(x)')
    const batches = firstSamples(table([1, 2], true), 3, model)
    expect(batches.count).toBe(3)
    expect([...batches.feeds()].map(numbersOf)).toEqual([
      [
        [1, 2],
        [0, 1],
      ],
      [
        [1, 2],
        [2, 3],
      ],
      [
        [1, 2],
        [4, 5],
      ],
    ])
    expect(numbersOf(firstSample(table([1, 2], true), model))).toEqual([
      [1, 2],
      [0, 1],
    ])
  })

  it('with the last repeated where a run takes more than there are', () => {
    const model = modelOf('(x: float32[4, 2]) -> (y: float32[4, 2])\ny = Relu(x)')
    const batches = firstSamples(table([2], false, 3), 8, model)
    expect([...batches.feeds()].map(numbersOf)).toEqual([
      [
        [4, 2],
        [0, 1, 2, 3, 4, 5, 4, 5],
      ],
    ])
  })
})
