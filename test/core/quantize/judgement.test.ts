import { expect, it } from 'vitest'
import { compare, decibels, upperLoss, upperRise } from '../../../core/quantize/judgement.ts'

it('compares rows by their largest element and all elements by their error', () => {
  const found = compare(Float32Array.of(1, 2, 5, 3), Float32Array.of(1, 2, 4, 4.5), 2)
  const cosine = (1 + 4 + 20 + 13.5) / Math.sqrt(39 * (1 + 4 + 16 + 20.25))
  expect(found).toEqual({ noise: (1 + 2.25) / 39, cosine: expect.closeTo(cosine, 12), rows: 2, changed: 1 })
  expect(decibels(0.001)).toBeCloseTo(30, 9)
})

it('bounds a loss of accuracy by the answers that changed', () => {
  expect(upperLoss(0, { rows: 200, changed: 0 })).toBe(0)
  expect(upperLoss(0.01, { rows: 200, changed: 4 })).toBeCloseTo(0.01 + 0.01645, 6)
})

it('does not take outputs that are no numbers any more for good ones', () => {
  const found = compare(Float32Array.of(1, 2, 5, 3), Float32Array.of(1, 2, Number.NaN, 3), 2)
  expect(decibels(found.noise)).toBeLessThan(-100)
  expect(compare(Float32Array.of(0, 0), Float32Array.of(0, 1), 2).noise).toBeGreaterThan(1)
  expect(compare(Float32Array.of(1, Number.NEGATIVE_INFINITY), Float32Array.of(1, Number.NEGATIVE_INFINITY), 2).noise).toBe(0)
})

it('bounds a rise of perplexity by the differences of the same samples', () => {
  const hard = Float64Array.from({ length: 100 }, (_, i) => 10 * (i % 9))
  const counts = hard.map(() => 10)
  const risen = hard.map((sum, i) => sum + 0.1 + (i % 2 === 0 ? 0.4 : -0.4))
  // Nats a token: 0.01 on average, with a standard error of 0.04 / sqrt(100).
  const bound = upperRise({ sums: hard, counts }, { sums: risen, counts }, true) as number
  expect(bound).toBeGreaterThan(Math.expm1(0.01 + 1.3 * 0.004))
  expect(bound).toBeLessThan(Math.expm1(0.01 + 2 * 0.004))
  const errors = { sums: Float64Array.of(1, 2, 3, 4, 5, 6), counts: new Float64Array(6).fill(1) }
  expect(upperRise(errors, { ...errors, sums: errors.sums.map((each) => 1.5 * each) }, false)).toBeCloseTo(0.5, 9)
  expect(upperRise({ sums: hard.slice(0, 5), counts }, { sums: risen.slice(0, 5), counts }, true)).toBeNull()
})
