import { describe, expect, it } from 'vitest'
import { ratioOf } from '../../../core/measure/latency.ts'
import { latencyOf } from '../../../core/measure/statistics.ts'

describe('a ratio of two versions', () => {
  const timing = (rounds: number) => ({
    runs: [Array.from({ length: rounds }, () => 4), Array.from({ length: rounds }, () => 2)],
    latency: [latencyOf([4], 7), latencyOf([2], 7)],
    floor: 0,
  })

  it('is claimed from rounds that bound it', () => {
    expect(ratioOf(timing(6), 0, 1, 7)).toMatchObject({ ratio: 0.5, verdict: 'better' })
    expect(ratioOf(timing(6), 1, 0, 7)).toMatchObject({ ratio: 2, verdict: 'worse' })
  })

  it.each([1, 2, 5])('is not claimed from %d rounds, however large', (rounds) => {
    expect(ratioOf(timing(rounds), 0, 1, 7)).toMatchObject({
      ...{ ratio: 0.5, verdict: 'no clear difference' },
      because: expect.stringMatching(/^(1 round is|[25] rounds are) too few$/),
    })
  })

  it('is not claimed against the medians that stand beside it', () => {
    const { runs, floor } = timing(6)
    expect(ratioOf({ runs, floor, latency: [latencyOf([2], 7), latencyOf([4], 7)] }, 0, 1, 7)).toMatchObject({
      ...{ verdict: 'no clear difference', because: 'the medians of all runs do not say so' },
    })
  })

  it('is not claimed within what the machine does to one file, and says so where the interval does not', () => {
    expect(ratioOf({ ...timing(6), floor: 0.62 }, 0, 1, 7)).toMatchObject({
      ...{ ratio: 0.5, verdict: 'no clear difference' },
      because: 'the machine was unsteady: the same file differed from itself by 62 %',
    })
    const small = { runs: [Array(6).fill(100), Array(6).fill(98)], latency: [latencyOf([100], 7), latencyOf([98], 7)], floor: 0 }
    expect(ratioOf(small, 0, 1, 7).because).toBe('less than 3 % is not claimed')
    const open = { ...small, runs: [Array(6).fill(100), [90, 110, 90, 110, 90, 105]], latency: [latencyOf([100], 7), latencyOf([97.5], 7)] }
    expect(ratioOf(open, 0, 1, 7)).toEqual(expect.not.objectContaining({ because: expect.anything() }))
  })
})
