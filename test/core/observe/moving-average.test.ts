import { expect, it } from 'vitest'
import { movingAverage } from '../../../core/observe/moving-average.ts'
import { reduced, tensorData } from '../../support/tensor-data.ts'

const batch = (...numbers: number[]) => [tensorData('float32', [1, numbers.length], numbers)]

it('averages the ranges of batches exponentially', () => {
  const batches = [batch(-1, 2), batch(-3, 8), batch(0, 1)]
  const { min, max } = reduced(movingAverage, { momentum: 0.5 }, batches)
  expect(min[0]).toBeCloseTo(((-1 - 3) / 2 + 0) / 2, 12)
  expect(max[0]).toBeCloseTo(((2 + 8) / 2 + 1) / 2, 12)
})

it('weighs the past 0.9 unless told, and keeps channels apart', () => {
  const { min, max } = reduced(movingAverage, { axis: 1 }, [batch(1, 10), batch(2, 20)])
  expect(min[0]).toBeCloseTo(1.1, 12)
  expect(max[1]).toBeCloseTo(11, 12)
})

it('is not moved by a batch without a finite element', () => {
  expect(reduced(movingAverage, {}, [batch(Number.NaN), batch(3), batch(Number.POSITIVE_INFINITY)])).toEqual({ min: [3], max: [3] })
})
