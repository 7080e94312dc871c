import { type BinOptions, type Bins, count, emptyBins } from './bins.ts'
import type { Reducer } from './reducer.ts'

export interface Histogram {
  /** Left edge of the first bin, and the width of each. */
  readonly low: number
  readonly width: number
  readonly counts: readonly number[]
  readonly min: number
  readonly max: number
}

/** How often a value falls into each of equal bins, over all samples. */
export const histogram: Reducer<BinOptions, Bins, Histogram> = {
  id: 'histogram',
  start: emptyBins,
  add(bins, [value]) {
    count(bins, value as NonNullable<typeof value>)
    return bins
  },
  finish({ low, width, counts, min, max }) {
    const seen = min <= max
    return { low, width, counts: Array.from(counts), min: seen ? min : 0, max: seen ? max : 0 }
  },
}
