import { describe, expect, it } from 'vitest'
import { entropy } from '../../../core/observe/entropy.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

/** The published search, word for word and slow: the peak of zeros levelled, outliers in the last bin, groups spread over their occupied bins. */
function plainThreshold(values: readonly number[], bins: number, levels: number): number {
  const largest = Math.max(...values.map(Math.abs))
  const width = largest / bins
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of values) counts[Math.min(bins - 1, Math.floor(Math.abs(value) / width))]! += 1
  counts[0] = Math.min(counts[0]!, counts[1]!)
  let best = { divergence: Number.POSITIVE_INFINITY, kept: bins }
  for (let kept = levels; kept <= bins; kept++) {
    const p = counts.slice(0, kept)
    p[kept - 1]! += counts.slice(kept).reduce((a, b) => a + b, 0)
    const q: number[] = Array.from({ length: kept }, () => 0)
    for (let level = 0; level < levels; level++) {
      const [from, to] = [Math.floor((level * kept) / levels), Math.floor(((level + 1) * kept) / levels)]
      const group = counts.slice(from, to)
      const occupied = group.filter((count) => count > 0).length
      group.forEach((count, i) => {
        q[from + i] = count > 0 ? group.reduce((a, b) => a + b, 0) / occupied : 0
      })
    }
    const [sumP, sumQ] = [p.reduce((a, b) => a + b, 0), q.reduce((a, b) => a + b, 0)]
    const divergence = p.reduce(
      (sum, count, i) => (count === 0 ? sum : sum + (count / sumP) * Math.log(count / sumP / Math.max(q[i]! / sumQ, 1e-9))),
      0,
    )
    if (divergence < best.divergence) best = { divergence, kept }
  }
  return best.kept * width
}

describe('entropy', () => {
  it.each([
    [1, 128, 16],
    [2, 256, 32],
    [3, 512, 128],
  ])('finds the threshold of the plain search (seed %i, %i bins, %i levels)', (seed, bins, levels) => {
    const tensor = randomTensor([4000], seed)
    const numbers = [...floatsIn(tensor)]
    numbers[0] = 12
    const { high } = reduced(entropy, { bins, levels: 2 * levels, symmetric: true }, [[tensorData('float32', [4000], numbers)]])
    expect(high).toBeCloseTo(plainThreshold(numbers, bins, levels), 6)
    expect(high).toBeLessThan(12)
  })

  it('does not clip what needs no clipping', () => {
    const uniform = tensorData(
      'float32',
      [20_000],
      Array.from({ length: 20_000 }, (_, i) => i / 20_000),
    )
    const { low, high, max } = reduced(entropy, {}, [[uniform]])
    expect(low).toBe(0)
    expect(high).toBeGreaterThan(0.95 * max)
  })

  it('clips one side without regard to a peak on the other', () => {
    // An image: the background at its lowest value, brighter ones spread evenly.
    const image = tensorData(
      'float32',
      [40_000],
      Array.from({ length: 40_000 }, (_, i) => (i % 2 === 0 ? -0.86 : -0.86 + (2.86 * i) / 40_000)),
    )
    const { low, high, min, max } = reduced(entropy, {}, [[image]])
    expect(low).toBe(min)
    expect(high).toBeGreaterThan(0.95 * max)
  })

  it('clips a long thin tail', () => {
    const numbers = [...floatsIn(randomTensor([20_000], 7))]
    numbers[0] = 60
    const { low, high } = reduced(entropy, {}, [[tensorData('float32', [20_000], numbers)]])
    expect(high).toBeLessThan(30)
    expect(low).toBeLessThan(-2)
  })

  it('says 0 for a value that was never seen', () => {
    expect(reduced(entropy, {}, [])).toEqual({ low: 0, high: 0, min: 0, max: 0 })
  })
})
