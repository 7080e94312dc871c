import { type BinOptions, type Bins, type Clip, count, emptyBins, nothingSeen } from './bins.ts'
import type { Reducer } from './reducer.ts'

export interface PercentileOptions extends BinOptions {
  /** Share of the elements that stays inside, in percent; 99.99 unless given. What is cut is shared by both ends. */
  readonly percentile?: number
}

interface State {
  readonly bins: Bins
  readonly percentile: number
}

/** The range that holds a share of the elements: the tails beyond it are clipped. A value that never goes below (above) 0 keeps 0 as its end. */
export const percentile: Reducer<PercentileOptions, State, Clip> = {
  id: 'percentile',
  start: (options) => ({ bins: emptyBins(options), percentile: options.percentile ?? 99.99 }),
  add(state, [value]) {
    count(state.bins, value as NonNullable<typeof value>)
    return state
  },
  finish({ bins, percentile: share }) {
    const { min, max } = bins
    if (min > max) return nothingSeen
    const oneSided = min >= 0 || max <= 0
    const tail = (1 - share / 100) / (oneSided ? 1 : 2)
    const low = min >= 0 ? min : Math.max(min, quantile(bins, tail))
    const high = max <= 0 ? max : Math.min(max, quantile(bins, 1 - tail))
    return { low, high, min, max }
  },
}

/** Where the counts reach a share of all, straight lines inside a bin. */
function quantile({ low, width, counts }: Bins, share: number): number {
  const total = counts.reduce((sum, each) => sum + each, 0)
  let left = share * total
  for (let i = 0; i < counts.length; i++) {
    const here = counts[i] as number
    if (left <= here && here > 0) return low + width * (i + left / here)
    left -= here
  }
  return low + width * counts.length
}
