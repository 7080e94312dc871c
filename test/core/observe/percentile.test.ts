import { expect, it } from 'vitest'
import { percentile } from '../../../core/observe/percentile.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

it('cuts half of the tail at each end, within a bin of the sorted values', () => {
  const tensor = randomTensor([100_000], 5)
  const sorted = [...floatsIn(tensor)].sort((a, b) => a - b)
  const { low, high, min, max } = reduced(percentile, { percentile: 99 }, [[tensor]])
  const bin = ((max - min) / 4096) * 2
  expect(Math.abs(low - (sorted[500] as number))).toBeLessThan(bin)
  expect(Math.abs(high - (sorted[99_500] as number))).toBeLessThan(bin)
})

it('keeps the end that no value passes', () => {
  const relu = Array.from(floatsIn(randomTensor([100_000], 6)), (number) => Math.max(0, number))
  const { low, high } = reduced(percentile, { percentile: 99 }, [[tensorData('float32', [relu.length], relu)]])
  const sorted = [...relu].sort((a, b) => a - b)
  expect(low).toBe(0)
  expect(Math.abs(high - (sorted[99_000] as number))).toBeLessThan(0.01)
})

it('is the whole range at 100 percent', () => {
  const tensor = randomTensor([1000], 7)
  const { low, high, min, max } = reduced(percentile, { percentile: 100 }, [[tensor]])
  expect([low, high]).toEqual([min, max])
})
