import { expect, it } from 'vitest'
import { compare, decibels, upperLoss } from '../../../core/quantize/judgement.ts'

it('compares rows by their largest element and all elements by their error', () => {
  const found = compare(Float32Array.of(1, 2, 5, 3), Float32Array.of(1, 2, 4, 4.5), 2)
  expect(found).toEqual({ noise: (1 + 2.25) / 39, rows: 2, changed: 1 })
  expect(decibels(0.001)).toBeCloseTo(30, 9)
})

it('bounds a loss of accuracy by the answers that changed', () => {
  expect(upperLoss(0, { noise: 0, rows: 200, changed: 0 })).toBe(0)
  expect(upperLoss(0.01, { noise: 0, rows: 200, changed: 4 })).toBeCloseTo(0.01 + 0.01645, 6)
})
