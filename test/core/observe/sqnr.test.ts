import { describe, expect, it } from 'vitest'
import { sqnr } from '../../../core/observe/sqnr.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

const noisy = (seed: number, dims: readonly number[]) => {
  const reference = randomTensor(dims, seed)
  const noise = floatsIn(randomTensor(dims, seed + 1000, 0.01))
  const candidate = tensorData(
    'float32',
    dims,
    floatsIn(reference).map((number, i) => number + (noise[i] as number)),
  )
  return { reference, candidate }
}

describe('sqnr', () => {
  it('is what its definition says, over all batches', () => {
    const batches = [noisy(1, [4, 1000]), noisy(2, [3, 1000])]
    const a = batches.flatMap(({ reference }) => [...floatsIn(reference)])
    const b = batches.flatMap(({ candidate }) => [...floatsIn(candidate)])
    const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, number, i) => sum + number * (y[i] as number), 0)
    const difference = a.map((number, i) => (b[i] as number) - number)
    const result = reduced(
      sqnr,
      {},
      batches.map(({ reference, candidate }) => [reference, candidate]),
    )
    expect(result.sqnrDb).toBeCloseTo(10 * Math.log10(dot(a, a) / dot(difference, difference)), 9)
    expect(result.sqnrDb).toBeGreaterThan(35)
    expect(result.cosine).toBeCloseTo(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 12)
    expect(result.maxAbs).toBe(Math.max(...difference.map(Math.abs)))
    expect(result.meanAbs).toBeCloseTo(difference.reduce((sum, d) => sum + Math.abs(d), 0) / 7000, 12)
    expect(result.elements).toBe(7000)
  })

  it('takes a mask in half precision for the mask that it was', () => {
    const a = tensorData('float32', [3], [-3.4e38, -Infinity, 1])
    const b = tensorData('float32', [3], [-65504, -65504, 1])
    expect(reduced(sqnr, {}, [[a, b]])).toMatchObject({ sqnrDb: null, maxAbs: 0, nonFinite: 0, elements: 1 })
  })

  it('has no noise for equal values', () => {
    const tensor = randomTensor([10], 3)
    expect(reduced(sqnr, {}, [[tensor, tensor]])).toMatchObject({ sqnrDb: null, cosine: 1, maxAbs: 0, error: 0 })
  })

  it('keeps small errors beside a large sum', () => {
    const ones = tensorData('float32', [1_000_000], new Float32Array(1_000_000).fill(1))
    const off = tensorData('float32', [1_000_000], new Float32Array(1_000_000).fill(1 + 2 ** -20))
    const { error } = reduced(sqnr, {}, [[ones, off]])
    expect(error / (1_000_000 * 2 ** -40)).toBeCloseTo(1, 10)
  })

  it('counts values that are finite on one side only, and passes over equal masks', () => {
    const { POSITIVE_INFINITY: inf, NaN: nan } = Number
    const a = tensorData('float32', [6], [1, -inf, inf, nan, 2, -3.4e38])
    const b = tensorData('float32', [6], [1, -inf, -inf, nan, nan, -3.3e38])
    expect(reduced(sqnr, {}, [[a, b]])).toMatchObject({ nonFinite: 2, lost: 1, elements: 1, sqnrDb: null })
  })

  it('follows a transposition', () => {
    const { reference, candidate } = noisy(4, [2, 3, 4, 5])
    const perm = [0, 2, 3, 1]
    const moved = new Float32Array(120)
    const source = floatsIn(candidate)
    let at = 0
    for (let n = 0; n < 2; n++)
      for (let h = 0; h < 4; h++)
        for (let w = 0; w < 5; w++) for (let c = 0; c < 3; c++) moved[at++] = source[((n * 3 + c) * 4 + h) * 5 + w] as number
    const nhwc = tensorData('float32', [2, 4, 5, 3], moved)
    const straight = reduced(sqnr, {}, [[reference, candidate]])
    const crossed = reduced(sqnr, { maps: [{ kind: 'permute', perm }] }, [[reference, nhwc]])
    expect(crossed.sqnrDb).toBeCloseTo(straight.sqnrDb as number, 9)
    expect(reduced(sqnr, { maps: [{ kind: 'reshape' }] }, [[reference, nhwc]]).sqnrDb).toBeLessThan(5)
  })

  it('turns codes back into numbers, per tensor and per channel, also behind a transposition', () => {
    const reference = tensorData('float32', [2, 3], [0.5, 1, -2, 0.25, 3, -4])
    const codes = tensorData('int8', [2, 3], [5, 2, -2, 2, 6, -4])
    const scale = [0.1, 0.5, 1]
    const map = { kind: 'dequantize', scale, zeroPoint: [0, 0, 0], axis: 1 } as const
    // 0.25 becomes 2 * 0.1.
    expect(reduced(sqnr, { maps: [map] }, [[reference, codes]]).maxAbs).toBeCloseTo(0.05, 6)
    const transposed = tensorData('int8', [3, 2], [5, 2, 2, 6, -2, -4])
    expect(reduced(sqnr, { maps: [map, { kind: 'permute', perm: [1, 0] }] }, [[reference, transposed]]).maxAbs).toBeCloseTo(0.05, 6)
    const unsigned = tensorData('uint8', [2], [130, 126])
    const shift = { kind: 'dequantize', scale: [0.5], zeroPoint: [128], axis: null } as const
    expect(reduced(sqnr, { maps: [shift] }, [[tensorData('float32', [2], [1, -1]), unsigned]]).sqnrDb).toBeNull()
  })

  it('follows kept channels', () => {
    const reference = tensorData('float32', [2, 3], [1, 2, 3, 4, 5, 6])
    const kept = tensorData('float32', [2, 2], [1, 3, 4, 6])
    expect(reduced(sqnr, { maps: [{ kind: 'select', axis: 1, kept: [0, 2] }] }, [[reference, kept]]).sqnrDb).toBeNull()
  })

  it('refuses values that do not correspond', () => {
    expect(() => reduced(sqnr, {}, [[randomTensor([3], 1), randomTensor([4], 1)]])).toThrow('[3] and [4]')
    expect(() => reduced(sqnr, { maps: [{ kind: 'none' }] }, [[randomTensor([3], 1), randomTensor([3], 1)]])).toThrow('do not correspond')
  })
})
