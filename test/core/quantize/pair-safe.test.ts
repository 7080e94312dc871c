import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fullScales,
  pairSafeScales,
  pairSafeWeights,
  pairSaturates,
  plainWeights,
  saturatingPairs,
} from '../../../core/quantize/pair-safe.ts'
import { convolutionOrder, extentsOf, type WeightMatrix } from '../../../core/quantize/weight-matrix.ts'

const element = fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.constantFrom(0, 1, -1, 1e-30, -1e-38, 6e4))

const matrices = fc
  .record({
    channels: fc.integer({ min: 1, max: 20 }),
    depth: fc.integer({ min: 1, max: 33 }),
    columns: fc.boolean(),
    shuffle: fc.boolean(),
  })
  .chain(({ channels, depth, columns, shuffle }) =>
    fc
      .record({
        values: fc.float32Array({
          minLength: channels * depth,
          maxLength: channels * depth,
          noNaN: true,
          noDefaultInfinity: true,
          min: -9,
          max: 9,
        }),
        extra: fc.array(element, { maxLength: 8 }),
        order: fc.shuffledSubarray([...Array(depth).keys()], { minLength: depth, maxLength: depth }),
      })
      .map(({ values, extra, order }): WeightMatrix => {
        extra.forEach((value, index) => {
          values[(index * 7) % values.length] = value
        })
        return { values, channels, depth, layout: columns ? 'columns' : 'rows', ...(shuffle ? { order: Uint32Array.from(order) } : {}) }
      }),
  )

/** Element (k, n) in the kernel's order, looked up the plain way. */
function at({ channels, depth, layout, order }: WeightMatrix, array: ArrayLike<number>, k: number, n: number): number {
  if (k >= depth) return 0
  const position = order?.[k] ?? k
  return array[layout === 'columns' ? position * channels + n : n * depth + position]!
}

const safe = (matrix: WeightMatrix, scales = pairSafeScales(extentsOf(matrix))) =>
  pairSafeWeights(matrix, scales, fullScales(extentsOf(matrix))).values

function everyPair(matrix: WeightMatrix, visit: (k: number, n: number) => void): void {
  for (let n = 0; n < matrix.channels; n++) for (let k = 0; k < matrix.depth; k += 2) visit(k, n)
}

describe('the limit of a pair', () => {
  it.each([
    [127, 1, false],
    [64, 64, false],
    [65, 64, true],
    [127, 2, true],
    [-127, -2, true],
    [-127, -1, false],
    [127, -127, false],
  ])('%i and %i', (a, b, saturates) => {
    expect(pairSaturates(a, b)).toBe(saturates)
    const worst = Math.max(255 * Math.max(a, 0) + 255 * Math.max(b, 0), -255 * (Math.min(a, 0) + Math.min(b, 0)))
    expect(worst > 32767).toBe(saturates)
  })
})

describe('pair-safe weights', () => {
  it('never hold a pair that can saturate, in any layout and order', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const quantized = safe(matrix)
        everyPair(matrix, (k, n) => {
          const [a, b] = [at(matrix, quantized, k, n), at(matrix, quantized, k + 1, n)]
          expect(pairSaturates(a, b)).toBe(false)
          expect(Math.min(a, b)).toBeGreaterThanOrEqual(-127)
        })
      }),
      { seed: 1 },
    )
  })

  it('stay within a step of the weight: half a step by rounding, one where a pair had to give way', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const scales = pairSafeScales(extentsOf(matrix))
        const quantized = safe(matrix, scales)
        everyPair(matrix, (k, n) => {
          for (const each of [k, k + 1]) {
            const off = Math.abs(at(matrix, matrix.values, each, n) / scales[n]! - at(matrix, quantized, each, n))
            expect(off).toBeLessThanOrEqual(1.0001)
          }
        })
      }),
      { seed: 2 },
    )
  })

  it('use the full range of 8 bits where no pair is in the way', () => {
    const matrix: WeightMatrix = { values: Float32Array.of(1, -1, 0.5, -0.25), channels: 1, depth: 4, layout: 'rows' }
    expect([...safe(matrix)]).toEqual([127, -127, 64, -32])
  })

  it('clip a pair to scales that are too small for it, where that costs least', () => {
    const matrix: WeightMatrix = { values: Float32Array.of(100, 100.4, 60, -3), channels: 1, depth: 4, layout: 'rows' }
    expect([...safe(matrix, Float32Array.of(1))]).toEqual([64, 64, 60, -3])
  })
})

describe('counting pairs that saturate', () => {
  it('agrees with looking at every pair of plainly rounded weights', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const scales = fullScales(extentsOf(matrix))
        const plain = plainWeights(matrix, scales)
        let count = 0
        everyPair(matrix, (k, n) => {
          if (pairSaturates(at(matrix, plain, k, n), at(matrix, plain, k + 1, n))) count++
        })
        expect(saturatingPairs(matrix, scales)).toBe(count)
        expect(pairSafeWeights(matrix, scales, scales).saturating).toBe(count)
      }),
      { seed: 3 },
    )
  })
})

describe('extents', () => {
  it('tell infinities and NaN', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(extentsOf({ values: Float32Array.of(1, 2, bad), channels: 3, depth: 1, layout: 'columns' }).finite).toBe(false)
    }
    expect(extentsOf({ values: Float32Array.of(1, 2, 3e38), channels: 3, depth: 1, layout: 'columns' }).finite).toBe(true)
  })

  it('of channels of zeros ask for a scale of 1', () => {
    const matrix: WeightMatrix = { values: new Float32Array(6), channels: 2, depth: 3, layout: 'columns' }
    expect([...pairSafeScales(extentsOf(matrix))]).toEqual([1, 1])
  })
})

it('the order of a convolution takes channels innermost', () => {
  // Two input channels, a kernel of three positions: (position 0, channel 0), (position 0, channel 1), (position 1, channel 0) ...
  expect([...convolutionOrder(2, 3)]).toEqual([0, 3, 1, 4, 2, 5])
})
