import { describe, expect, it } from 'vitest'
import { type BlockBits, BlockFitter, type BlockGrid } from '../../../core/quantize/block-grid.ts'
import { halfQuadratic, shiftOf } from '../../../core/quantize/half-quadratic.ts'

/** Near a normal distribution: sums of twelve uniform numbers. */
function bell(count: number): Float32Array {
  let seed = 7
  const next = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed / 2 ** 31
  }
  return Float32Array.from({ length: count }, () => Array.from({ length: 12 }, next).reduce((sum, each) => sum + each, -6) * 0.02)
}

const optionsOf = (bits: BlockBits) => ({ bits, symmetric: false, levels: 'uniform' }) as const

function meanError(weights: Float32Array, grid: BlockGrid, fitter: BlockFitter): number {
  const errors = weights.map((weight) => Math.abs(weight - grid.scale * (fitter.code(weight, grid) - grid.zero)))
  return errors.reduce((sum, each) => sum + each, 0) / weights.length
}

describe('half-quadratic zero points', () => {
  it.each([2, 4, 8] as const)('err less than zero points that are codes, at %i bits', (bits) => {
    const weights = bell(64 * 32)
    const fitter = new BlockFitter(optionsOf(bits))
    let [codes, real, worse] = [0, 0, 0]
    for (let from = 0; from < weights.length; from += 32) {
      const block = weights.subarray(from, from + 32)
      const start = { ...fitter.fit(weights, from, 32) }
      const grid = halfQuadratic({ weights, from, count: 32 }, start, { bits, half: false })
      const [before, after] = [meanError(block, start, fitter), meanError(block, grid, fitter)]
      codes += before
      real += after
      if (after > before * (1 + 1e-6)) worse++
    }
    expect(real).toBeLessThan(0.93 * codes)
    expect(worse).toBe(0)
  })

  it('are what float16 makes of what they add to a weight, where that is stored', () => {
    const weights = bell(32).map((weight) => weight + 1)
    const start = { ...new BlockFitter(optionsOf(4)).fit(weights, 0, 32) }
    const grid = halfQuadratic({ weights, from: 0, count: 32 }, start, { bits: 4, half: true })
    const shift = shiftOf(grid, 4)
    // Between 1 and 2 float16 has steps of 2^-10, below 1 of 2^-11.
    expect(Math.abs(shift * 2 ** 11 - Math.round(shift * 2 ** 11))).toBeLessThan(1e-6)
    // All weights lie near 1: a zero point that is a code would have to span 0 as well.
    expect(grid.scale).toBeLessThan(start.scale / 3)
  })

  it.each([0, 0.25, -3])('of equal weights (%d) give them back', (value) => {
    const weights = new Float32Array(32).fill(value)
    const fitter = new BlockFitter(optionsOf(4))
    const grid = halfQuadratic({ weights, from: 0, count: 32 }, { ...fitter.fit(weights, 0, 32) }, { bits: 4, half: true })
    expect(meanError(weights, grid, fitter)).toBeLessThan(Math.abs(value) * 1e-3 + 1e-12)
  })
})
