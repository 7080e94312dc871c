import type { Latency, Ratio, Verdict } from '../api/measurement.ts'
import { type Random, seeded } from '../data/random.ts'

/** The middle of some numbers; the mean of the two middle ones when their count is even. NaN for none. */
export const median = (values: ArrayLike<number>): number => medianOfSorted(Float64Array.from(values).sort())

function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** The value below which a share `q` of the numbers lies, linearly interpolated (type 7 of Hyndman and Fan, numpy's default). */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] as number
  const above = sorted[Math.ceil(at)] as number
  return below + (above - below) * (at - Math.floor(at))
}

export interface Interval {
  readonly low: number
  readonly high: number
}

const resamples = 1000
/** How likely an interval holds what it is the interval of. */
export const level = 0.95

/**
 * 95 % interval of a statistic over `count` observations by the percentile bootstrap (Efron 1979). `statistic` is given positions drawn
 * with replacement; observations that belong together (rounds, samples) share a position, so pairs stay pairs.
 */
export function bootstrap(count: number, statistic: (drawn: Int32Array) => number, seed: number): Interval {
  const random = seeded(seed)
  const drawn = new Int32Array(count)
  return percentiles(() => statistic(draw(drawn, random)))
}

/** The bound that a statistic over `count` observations does not pass with a confidence of 95 %, by the percentile bootstrap. */
export function upperBound(count: number, statistic: (drawn: Int32Array) => number, seed: number): number {
  const random = seeded(seed)
  const drawn = new Int32Array(count)
  return quantile(
    Float64Array.from({ length: resamples }, () => statistic(draw(drawn, random))),
    level,
  )
}

/** 95 % interval of a statistic by the percentile bootstrap, from as many of its values as `redraw` gives anew each time. */
export function percentiles(redraw: () => number): Interval {
  const results = Float64Array.from({ length: resamples }, redraw)
  return { low: quantile(results, (1 - level) / 2), high: quantile(results, (1 + level) / 2) }
}

function draw(positions: Int32Array, random: Random): Int32Array {
  for (let i = 0; i < positions.length; i++) positions[i] = random.integer(positions.length)
  return positions
}

const medianAt = (values: ArrayLike<number>, positions: Int32Array): number =>
  medianOfSorted(Float64Array.from(positions, (position) => values[position] as number).sort())

/** Median with its interval, and the tail, of the milliseconds of single runs. */
export function latencyOf(runs: readonly number[], seed: number): Latency {
  const { low, high } = bootstrap(runs.length, (drawn) => medianAt(runs, drawn), seed)
  return { median: median(runs), low, high, p95: quantile(runs, 0.95), p99: quantile(runs, 0.99), runs: runs.length }
}

/**
 * The ratio of medians candidate / baseline with its interval. Position i of both lists is the same round, so what slows a round down slows
 * both and cancels: rounds are drawn, not runs.
 */
export function pairedRatio(
  baseline: readonly number[],
  candidate: readonly number[],
  seed: number,
): Interval & { readonly ratio: number } {
  const count = Math.min(baseline.length, candidate.length)
  const ratios = Float64Array.from({ length: count }, (_, round) => (candidate[round] as number) / (baseline[round] as number))
  return { ratio: median(ratios), ...bootstrap(count, (drawn) => medianAt(ratios, drawn), seed) }
}

/**
 * Paired observations from which a 95 % interval of their median exists at all: of five, the least and the greatest enclose the median
 * of all with 1 - 2 / 2^5 = 94 % (order statistics, Conover 1999), and a bootstrap of fewer only repeats them.
 */
export const fewestForVerdict = 6

/** Below this relative difference nothing is claimed, however small the noise of the day. */
export const smallestEffect = 0.03

/** A difference must pass the floor by this much: two copies of each version do not show all that memory and machine may do to them. */
const floorMargin = 1.5

/**
 * What may be said about a ratio of times (below 1 is faster): `better` or `worse` when the whole interval lies on one side of 1 and the
 * ratio is well further from 1 than `floor`, the difference that the same file shows against itself.
 */
export function timeVerdict({ ratio, low, high }: Interval & { readonly ratio: number }, floor = 0): Verdict {
  if (![ratio, low, high].every(Number.isFinite)) return 'not comparable'
  if (Math.abs(Math.log(ratio)) <= Math.max(floorMargin * Math.log1p(floor), Math.log1p(smallestEffect))) return 'no clear difference'
  if (high < 1) return 'better'
  return low > 1 ? 'worse' : 'no clear difference'
}

/** A ratio with its verdict. */
export const judged = (ratio: Interval & { readonly ratio: number }, floor?: number): Ratio => ({
  ...ratio,
  verdict: timeVerdict(ratio, floor),
})

/** 95 % interval of a share, by Wilson's score (1927): right for small counts and for shares near 0 and 1. */
export function wilson(successes: number, count: number): Interval {
  const z = 1.959963984540054
  const share = successes / count
  const spread = (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))
  const center = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count)
  return { low: Math.max(0, center - spread), high: Math.min(1, center + spread) }
}

/**
 * McNemar's exact test (1947, two-sided, mid-p): how likely so uneven a split of the samples on which two models disagree would be if
 * neither were better.
 * @param lost samples that only the baseline has right
 * @param won samples that only the candidate has right
 */
export function mcnemar(lost: number, won: number): number {
  const count = lost + won
  if (count === 0) return 1
  const few = Math.min(lost, won)
  let tail = 0
  for (let k = 0; k < few; k++) tail += Math.exp(logBinomial(count, k) - count * Math.LN2)
  const point = Math.exp(logBinomial(count, few) - count * Math.LN2)
  return Math.min(1, 2 * (tail + point / 2))
}

function logBinomial(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log(n - k + i) - Math.log(i)
  return sum
}

/**
 * 95 % interval of the difference of two shares of the same samples, candidate - baseline (Agresti and Min 2005: half a sample more in each
 * cell). Unlike a bootstrap it stays open where the two agree on all of few samples.
 * @param lost samples that only the baseline has right
 * @param won samples that only the candidate has right
 */
export function pairedShares(lost: number, won: number, count: number): Interval {
  const z = 1.959963984540054
  const [b, c, n] = [lost + 0.5, won + 0.5, count + 2]
  const difference = (c - b) / n
  const spread = (z / n) * Math.sqrt(b + c - (c - b) ** 2 / n)
  return { low: Math.max(-1, difference - spread), high: Math.min(1, difference + spread) }
}

/** 95 % interval of the mean difference candidate - baseline over the same samples, by drawing samples. */
export function pairedDifference(baseline: ArrayLike<number>, candidate: ArrayLike<number>, seed: number): Interval {
  const differences = Float64Array.from({ length: baseline.length }, (_, i) => (candidate[i] as number) - (baseline[i] as number))
  return bootstrap(
    differences.length,
    (drawn) => {
      let sum = 0
      for (let i = 0; i < drawn.length; i++) sum += differences[drawn[i] as number] as number
      return sum / drawn.length
    },
    seed,
  )
}
