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
    expect(ratioOf(timing(rounds), 0, 1, 7)).toMatchObject({ ratio: 0.5, verdict: 'no clear difference' })
  })

  it('is not claimed against the medians that stand beside it', () => {
    const { runs, floor } = timing(6)
    expect(ratioOf({ runs, floor, latency: [latencyOf([2], 7), latencyOf([4], 7)] }, 0, 1, 7).verdict).toBe('no clear difference')
  })
})
