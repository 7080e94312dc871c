import { describe, expect, it } from 'vitest'
import { histogram } from '../../../core/observe/histogram.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

describe('histogram', () => {
  it('counts every element in its bin, also after it had to widen to both sides', () => {
    const batches = [randomTensor([50], 1, 0.1), randomTensor([500], 2, 1), randomTensor([500], 3, 10)]
    const { low, width, counts, min, max } = reduced(
      histogram,
      { bins: 64 },
      batches.map((tensor) => [tensor]),
    )
    const all = batches.flatMap((tensor) => [...floatsIn(tensor)])
    expect([min, max]).toEqual([Math.min(...all), Math.max(...all)])
    expect(low).toBeLessThanOrEqual(min)
    expect(low + width * counts.length).toBeGreaterThanOrEqual(max)
    // An element within rounding of an edge may fall to either side: cumulated counts agree at every edge but for those.
    let cumulated = 0
    counts.forEach((here, i) => {
      cumulated += here
      const edge = low + width * (i + 1)
      const slack = width * 1e-6
      expect(cumulated).toBeGreaterThanOrEqual(all.filter((number) => number < edge - slack).length)
      expect(cumulated).toBeLessThanOrEqual(all.filter((number) => number < edge + slack).length)
    })
    expect(cumulated).toBe(all.length)
  })

  it('takes constants, a single value and nothing at all', () => {
    const zeros = reduced(histogram, {}, [[tensorData('float32', [3], [0, 0, 0])]])
    expect(zeros.counts.reduce((a, b) => a + b)).toBe(3)
    expect([zeros.min, zeros.max]).toEqual([0, 0])
    const large = reduced(histogram, {}, [[tensorData('float32', [1], [1e30])], [tensorData('float32', [1], [-1e30])]])
    expect(large.counts.reduce((a, b) => a + b)).toBe(2)
    expect(reduced(histogram, {}, []).counts.every((count) => count === 0)).toBe(true)
  })

  it('leaves out what is not finite', () => {
    const { counts } = reduced(histogram, {}, [[tensorData('float32', [4], [1, Number.NaN, Number.POSITIVE_INFINITY, 2])]])
    expect(counts.reduce((a, b) => a + b)).toBe(2)
  })
})
