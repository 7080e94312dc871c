import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activationTypes, gridOf, wholeRange } from '../../../core/quantize/grid.ts'

const ranges = fc.tuple(fc.float({ min: -1e6, max: 1e6, noNaN: true }), fc.float({ min: -1e6, max: 1e6, noNaN: true })).map(([a, b]) => ({
  low: Math.min(a, b),
  high: Math.max(a, b),
}))

describe.each(activationTypes)('a grid of %s', (dtype) => {
  it('holds 0 exactly and reaches both ends of its range to half a step', () => {
    fc.assert(
      fc.property(ranges, fc.boolean(), (range, symmetric) => {
        const { scale, zeroPoint } = gridOf(range, dtype, symmetric)
        const whole = wholeRange(dtype)
        expect(Number.isInteger(zeroPoint)).toBe(true)
        expect(zeroPoint).toBeGreaterThanOrEqual(whole.low)
        expect(zeroPoint).toBeLessThanOrEqual(whole.high)
        expect((whole.high - zeroPoint) * scale).toBeGreaterThanOrEqual(range.high - scale * 0.51)
        expect((whole.low - zeroPoint) * scale).toBeLessThanOrEqual(range.low + scale * 0.51)
      }),
      { seed: 4 },
    )
  })

  it('is centred when it is symmetric', () => {
    expect(gridOf({ low: -3, high: 1 }, dtype, true).zeroPoint).toBe(dtype.startsWith('int') ? 0 : (wholeRange(dtype).high + 1) / 2)
  })

  it('of values that never leave 0 has a scale of 1', () => {
    expect(gridOf({ low: 0, high: 0 }, dtype, false)).toEqual({ scale: 1, zeroPoint: 0 })
  })
})
