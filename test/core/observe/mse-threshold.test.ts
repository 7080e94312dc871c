import { describe, expect, it } from 'vitest'
import { mseThreshold } from '../../../core/observe/mse-threshold.ts'
import { floatsIn, randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

/** What quantizing to a range does to values, on average of the squares. */
function plainError(values: Iterable<number>, { low, high }: { low: number; high: number }, levels: number): number {
  const step = (high - low) / levels
  const zeroPoint = Math.round(-low / step)
  let [sum, count] = [0, 0]
  for (const value of values) {
    const code = Math.min(levels, Math.max(0, Math.round(value / step) + zeroPoint))
    sum += (value - (code - zeroPoint) * step) ** 2
    count += 1
  }
  return sum / count
}

const withOutlier = (seed: number, relu: boolean) => {
  const numbers = Array.from(floatsIn(randomTensor([20_000], seed)), (number) => (relu ? Math.max(0, number) : number))
  numbers[0] = 30
  return numbers
}

describe('mse-threshold', () => {
  it.each([
    [4, 1, false, false],
    [4, 2, true, false],
    [8, 3, false, true],
    [4, 4, false, true],
  ] as const)('beats every range of a plain search at %i bits (seed %i, symmetric %s, relu %s)', (bits, seed, symmetric, relu) => {
    const numbers = withOutlier(seed, relu)
    const found = reduced(mseThreshold, { bits, symmetric }, [[tensorData('float32', [numbers.length], numbers)]])
    const levels = 2 ** bits - (symmetric ? 2 : 1)
    const [min, max] = [Math.min(0, ...numbers), Math.max(...numbers)]
    const ranges = Array.from({ length: 60 }, (_, i) => 1 - i / 60).map((factor) =>
      symmetric ? { low: -max * factor, high: max * factor } : { low: Math.max(min, -max * factor), high: max * factor },
    )
    const best = Math.min(...ranges.map((range) => plainError(numbers, range, levels)))
    expect(plainError(numbers, found, levels)).toBeLessThan(best * 1.02)
    expect(found.error).toBeCloseTo(plainError(numbers, found, levels), 2)
    if (bits === 4) expect(found.high).toBeLessThan(20)
    if (symmetric) expect(found.low).toBe(-found.high)
    if (relu) expect(Math.abs(found.low)).toBe(0)
  })

  it('spends no levels on what an activation flattens', () => {
    const numbers = Array.from(floatsIn(randomTensor([20_000], 9)), (number) => 6 * number - 4)
    const tensor = tensorData('float32', [numbers.length], numbers)
    const silu = (x: number) => x / (1 + Math.exp(-x))
    const errorBehind = ({ low, high }: { low: number; high: number }) => {
      const step = (high - low) / 255
      const zeroPoint = Math.round(-low / step)
      return numbers.reduce((sum, x) => {
        const code = Math.min(255, Math.max(0, Math.round(x / step) + zeroPoint))
        return sum + (silu(x) - silu((code - zeroPoint) * step)) ** 2
      }, 0)
    }
    const plain = reduced(mseThreshold, {}, [[tensor]])
    const through = reduced(mseThreshold, { through: 'silu' }, [[tensor]])
    expect(through.low).toBeGreaterThan(plain.low)
    expect(errorBehind(through)).toBeLessThan(0.8 * errorBehind(plain))
  })
})
