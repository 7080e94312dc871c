import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptivelyRounded } from '../../../core/quantize/adaptive-rounding.ts'
import { type EightBitWeights, eightBitWeights, weightGrids } from '../../../core/quantize/eight-bit.ts'
import { pairSaturates } from '../../../core/quantize/pair-safe.ts'
import type { WeightMatrix } from '../../../core/quantize/weight-matrix.ts'
import { normals, seeded } from '../../support/seeds.ts'

/** Covariance of rows that share most of their movement, as neighbouring pixels do. */
function correlated(depth: number, seed: number): Float32Array {
  const next = normals(seeded(seed))
  const rows = Array.from({ length: 4 * depth }, () => {
    const common = 3 * next()
    return Array.from({ length: depth }, () => common + next())
  })
  const values = new Float32Array(depth * depth)
  for (let i = 0; i < depth; i++)
    for (let j = 0; j < depth; j++) values[i * depth + j] = rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length
  return values
}

const at = ({ layout, channels, depth }: WeightMatrix, n: number, k: number) => (layout === 'columns' ? k * channels + n : n * depth + k)

const errorsOf = (matrix: WeightMatrix, { values, scales, zeroPoint }: EightBitWeights, n: number): number[] =>
  Array.from({ length: matrix.depth }, (_, k) => (values[at(matrix, n, k)]! - zeroPoint) * scales[n]! - matrix.values[at(matrix, n, k)]!)

const quadratic = (errors: readonly number[], covariance: Float32Array): number =>
  errors.reduce((sum, a, i) => sum + a * errors.reduce((row, b, j) => row + b * covariance[i * errors.length + j]!, 0), 0)

const matrices = fc
  .record({ channels: fc.integer({ min: 1, max: 5 }), depth: fc.integer({ min: 1, max: 12 }), columns: fc.boolean(), seed: fc.nat() })
  .map(({ channels, depth, columns, seed }) => {
    const next = normals(seeded(seed))
    const values = Float32Array.from({ length: channels * depth }, next)
    return { matrix: { values, channels, depth, layout: columns ? 'columns' : 'rows' } as WeightMatrix, seed }
  })

describe('adaptive rounding', () => {
  it('never makes results worse than the nearest levels do, and ends within a step', () => {
    fc.assert(
      fc.property(matrices, fc.constantFrom(...weightGrids), ({ matrix, seed }, grid) => {
        const covariance = correlated(matrix.depth, seed)
        const options = { grid, perChannel: true }
        const nearest = eightBitWeights(matrix, options)
        const found = adaptivelyRounded(matrix, options, { values: covariance, groups: 1 })
        for (let n = 0; n < matrix.channels; n++) {
          const before = quadratic(errorsOf(matrix, nearest, n), covariance)
          const errors = errorsOf(matrix, found, n)
          expect(quadratic(errors, covariance)).toBeLessThanOrEqual(before * (1 + 1e-6) + 1e-12)
        }
      }),
    )
  })

  it('keeps pairs from saturating', () => {
    fc.assert(
      fc.property(matrices, ({ matrix, seed }) => {
        const { values } = adaptivelyRounded(
          matrix,
          { grid: 'pair-safe', perChannel: true },
          { values: correlated(matrix.depth, seed), groups: 1 },
        )
        for (let n = 0; n < matrix.channels; n++)
          for (let k = 0; k + 1 < matrix.depth; k += 2)
            expect(pairSaturates(values[at(matrix, n, k)]!, values[at(matrix, n, k + 1)]!)).toBe(false)
      }),
    )
  })

  it('lets errors cancel out where inputs vary together', () => {
    const depth = 27
    const next = normals(seeded(11))
    const matrix: WeightMatrix = { values: Float32Array.from({ length: 8 * depth }, next), channels: 8, depth, layout: 'rows' }
    const covariance = correlated(depth, 2)
    const total = (weights: EightBitWeights) =>
      Array.from({ length: 8 }, (_, n) => quadratic(errorsOf(matrix, weights, n), covariance)).reduce((a, b) => a + b)
    const options = { grid: 'full', perChannel: true } as const
    expect(total(adaptivelyRounded(matrix, options, { values: covariance, groups: 1 }))).toBeLessThan(
      0.5 * total(eightBitWeights(matrix, options)),
    )
  })

  it('takes the covariance of each group for its own channels', () => {
    const next = normals(seeded(4))
    const depth = 9
    const matrix: WeightMatrix = { values: Float32Array.from({ length: 2 * depth }, next), channels: 2, depth, layout: 'rows' }
    const half = (n: number): WeightMatrix => ({ ...matrix, channels: 1, values: matrix.values.slice(n * depth, (n + 1) * depth) })
    const parts = [correlated(depth, 7), correlated(depth, 8)]
    const both = Float32Array.from(parts.flatMap((part) => [...part]))
    const options = { grid: 'full', perChannel: true } as const
    const apart = parts.map((values, n) => [...adaptivelyRounded(half(n), options, { values, groups: 1 }).values])
    expect([...adaptivelyRounded(matrix, options, { values: both, groups: 2 }).values]).toEqual(apart.flat())
  })
})
