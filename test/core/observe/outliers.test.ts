import { expect, it } from 'vitest'
import { outliers } from '../../../core/observe/outliers.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

it('finds magnitudes per channel and moments over all batches', () => {
  const batches = [randomTensor([5, 8], 1), randomTensor([7, 8], 2, 4), randomTensor([1, 8], 3)]
  const rows = batches.flatMap((tensor) => {
    const numbers = [...floatsIn(tensor)]
    return Array.from({ length: numbers.length / 8 }, (_, row) => numbers.slice(row * 8, row * 8 + 8))
  })
  const all = rows.flat()
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length
  const moment = (power: number) => all.reduce((sum, x) => sum + (x - mean) ** power, 0) / all.length
  const result = reduced(
    outliers,
    {},
    batches.map((tensor) => [tensor]),
  )
  expect(result.absMax).toEqual(Array.from({ length: 8 }, (_, k) => Math.max(...rows.map((row) => Math.abs(row[k] as number)))))
  result.absMean.forEach((absMean, k) => {
    expect(absMean).toBeCloseTo(rows.reduce((sum, row) => sum + Math.abs(row[k] as number), 0) / rows.length, 9)
  })
  expect(result.mean).toBeCloseTo(mean, 10)
  expect(result.variance).toBeCloseTo(moment(2), 9)
  expect(result.kurtosis).toBeCloseTo(moment(4) / moment(2) ** 2, 9)
})

it('is 3 for a normal distribution far from 0, which sums of raw powers would lose', () => {
  const shifted = Array.from(floatsIn(randomTensor([200_000], 4)), (number) => number + 10_000)
  const { kurtosis } = reduced(outliers, {}, [[tensorData('float64', [200_000], shifted)]])
  expect(kurtosis).toBeGreaterThan(2.95)
  expect(kurtosis).toBeLessThan(3.05)
})

it('takes the channels of another axis', () => {
  const { absMax } = reduced(outliers, { axis: 1 }, [[tensorData('float32', [1, 2, 2], [1, -5, 2, 0])]])
  expect(absMax).toEqual([5, 2])
})
