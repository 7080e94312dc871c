import { describe, expect, it } from 'vitest'
import { driftOf, noiseNotes } from '../../../core/measure/noise.ts'

const conditions = { milliseconds: 1000, otherCores: 0, megahertz: [2000, 2010], joules: { unavailable: 'not here' } }
const steady = [Array.from({ length: 12 }, () => 4), Array.from({ length: 12 }, () => 8)]
const timing = { floor: 0.01, runs: steady, conditions }

describe('noise', () => {
  it('of a quiet machine is nothing to speak of', () => {
    expect(noiseNotes(timing)).toEqual([])
  })

  it.each([
    ['copies of the same file that differ', { floor: 0.2 }, /differs from itself by 20 %/],
    ['a single round', { runs: [[4], [8]] }, /^One timed round is too few/],
    ['few rounds', { runs: steady.map((runs) => runs.slice(0, 5)) }, /^5 timed rounds are too few/],
    ['other work', { conditions: { ...conditions, otherCores: 0.8 } }, /other work took 0\.8 cores/],
    ['a clock that moves', { conditions: { ...conditions, megahertz: [2000, 3500] } }, /between 2000 and 3500 MHz/],
    ['a drift', { runs: steady.map((runs) => runs.map((ms, round) => ms * (round < 6 ? 1 : 1.3))) }, /30 % slower/],
  ])('is told: %s', (_, more, text) => {
    expect(noiseNotes({ ...timing, ...more }).join('\n')).toMatch(text)
  })

  it('without a trend is no drift', () => {
    expect(driftOf([[1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5]])).toBe(0)
    expect(driftOf([[1, 2]])).toBe(0)
  })
})
