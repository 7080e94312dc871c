import { describe, expect, it } from 'vitest'
import { seeded } from '../../../core/data/random.ts'
import {
  bootstrap,
  latencyOf,
  mcnemar,
  median,
  pairedDifference,
  pairedRatio,
  pairedShares,
  quantile,
  timeVerdict,
  wilson,
} from '../../../core/measure/statistics.ts'

describe('medians and quantiles', () => {
  it('takes the middle, or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('interpolates like numpy.quantile', () => {
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85)
    expect(quantile([1, 2, 3, 4], 0)).toBe(1)
  })
})

describe('intervals', () => {
  it('cover the true median in about 95 of 100 tries', () => {
    const random = seeded(1)
    let covered = 0
    for (let trial = 0; trial < 200; trial++) {
      const { low, high } = latencyOf(
        Array.from({ length: 40 }, () => 10 + random.normal()),
        trial,
      )
      if (low <= 10 && 10 <= high) covered += 1
    }
    expect(covered).toBeGreaterThan(180)
    expect(covered).toBeLessThan(200)
  })

  it('are the same for the same seed', () => {
    const spread = (seed: number) => bootstrap(20, (drawn) => drawn.reduce((sum, i) => sum + i, 0), seed)
    expect(spread(3)).toEqual(spread(3))
    expect(spread(3)).not.toEqual(spread(4))
  })

  it("Wilson's agrees with the published example of 81 in 263", () => {
    const { low, high } = wilson(81, 263)
    expect(low).toBeCloseTo(0.2553, 4)
    expect(high).toBeCloseTo(0.3662, 4)
    expect(wilson(10, 10).high).toBeCloseTo(1, 12)
  })
})

describe('verdicts on times', () => {
  /** Rounds with a drift that both versions share. */
  const rounds = (factor: number, seed: number) => {
    const random = seeded(seed)
    const drift = Array.from({ length: 40 }, (_, round) => 5 + Math.sin(round / 5))
    const noisy = (by: number) => drift.map((ms) => ms * by * (1 + 0.05 * random.normal()))
    return pairedRatio(noisy(1), noisy(factor), seed)
  }

  it('find a real difference through a drift that is larger than it', () => {
    expect(timeVerdict(rounds(0.85, 1))).toBe('better')
    expect(timeVerdict(rounds(1.2, 1))).toBe('worse')
  })

  it('claim nothing of two series of the same thing in at least 95 of 100 tries', () => {
    const claims = Array.from({ length: 100 }, (_, seed) => timeVerdict(rounds(1, seed))).filter(
      (verdict) => verdict !== 'no clear difference',
    )
    expect(claims.length).toBeLessThanOrEqual(5)
  })

  it('stay silent below the floor and on what is no number', () => {
    expect(timeVerdict({ ratio: 0.9, low: 0.89, high: 0.91 }, 0.15)).toBe('no clear difference')
    expect(timeVerdict({ ratio: 0.9, low: 0.89, high: 0.91 })).toBe('better')
    expect(timeVerdict({ ratio: Number.NaN, low: 0, high: 1 })).toBe('not comparable')
  })
})

describe('paired tests of accuracy', () => {
  it("McNemar's agrees with the binomial distribution", () => {
    // Mid-p of 2 against 10: 2 (P(0) + P(1) + P(2) / 2) of 12 throws.
    expect(mcnemar(2, 10)).toBeCloseTo((2 * (1 + 12 + 66 / 2)) / 4096, 10)
    expect(mcnemar(10, 2)).toBe(mcnemar(2, 10))
    expect(mcnemar(0, 0)).toBe(1)
    expect(mcnemar(5, 5)).toBeGreaterThan(0.9)
  })

  it('bound the difference on the same samples', () => {
    const baseline = Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 0 : 1))
    const candidate = baseline.map((right, i) => (i % 20 === 1 ? 0 : right))
    const { low, high } = pairedDifference(baseline, candidate, 1)
    expect(low).toBeLessThan(-0.05)
    expect(high).toBeGreaterThan(-0.05)
    expect(high).toBeLessThan(0)
    expect(pairedDifference(baseline, baseline, 1)).toEqual({ low: 0, high: 0 })
  })

  it('of shares stays open where few samples agree, and holds the truth as often as it says', () => {
    expect(pairedShares(0, 0, 1).high).toBeGreaterThan(0.6)
    const all = pairedShares(0, 0, 400)
    expect([all.low, all.high].map((bound) => Number(bound.toFixed(4)))).toEqual([-0.0049, 0.0049])
    const random = seeded(11)
    for (const [count, lost, won] of [
      [30, 0.05, 0.02],
      [200, 0.02, 0.01],
      [400, 0.1, 0.05],
    ] as const) {
      const tries = 500
      const held = Array.from({ length: tries }, () => {
        const drawn = Array.from({ length: count }, () => random.next())
        const { low, high } = pairedShares(
          drawn.filter((each) => each < lost).length,
          drawn.filter((each) => each >= lost && each < lost + won).length,
          count,
        )
        return low <= won - lost && won - lost <= high
      }).filter(Boolean).length
      expect(held / tries, `${count} samples`).toBeGreaterThan(0.92)
    }
  })
})
