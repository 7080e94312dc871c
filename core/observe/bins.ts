import { type Numbers, numbersIn } from './elements.ts'
import { rangeOf } from './range.ts'
import type { TensorData } from './reducer.ts'

export interface BinOptions {
  /** How many bins, even; 4096 unless given. */
  readonly bins?: number
}

/**
 * Counts of equal bins over [low, low + width * counts.length). When a value lies outside, neighbouring bins are merged two by two, so that
 * the range doubles and what was counted stays exact. Elements that are not finite are left out.
 */
export interface Bins {
  low: number
  width: number
  counts: Float64Array
  /** Exact range of what was counted; `min` above `max` when nothing was. */
  min: number
  max: number
}

export const emptyBins = ({ bins = 4096 }: BinOptions): Bins => ({
  low: 0,
  width: 0,
  counts: new Float64Array(bins + (bins % 2)),
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
})

/** @param magnitudes counts absolute values */
export function count(bins: Bins, value: TensorData, magnitudes = false): void {
  const range = rangeOf(value, undefined)
  const [min, max] = [range.min[0] as number, range.max[0] as number]
  if (min > max) return
  const low = magnitudes ? 0 : min
  const high = magnitudes ? Math.max(Math.abs(min), Math.abs(max)) : max
  widenTo(bins, low, high)
  bins.min = Math.min(bins.min, magnitudes ? (min > 0 ? min : max < 0 ? -max : 0) : min)
  bins.max = Math.max(bins.max, high)
  tally(bins, numbersIn(value), magnitudes)
}

function tally({ low, width, counts }: Bins, numbers: Numbers, magnitudes: boolean): void {
  const last = counts.length - 1
  const perWidth = 1 / width
  for (let i = 0; i < numbers.length; i++) {
    const number = magnitudes ? Math.abs(numbers[i] as number) : (numbers[i] as number)
    if (number - number !== 0) continue
    const at = Math.min(last, Math.max(0, Math.floor((number - low) * perWidth)))
    counts[at] = (counts[at] as number) + 1
  }
}

/** A range of width 0 (a constant) still needs bins that numbers can be divided by. */
const smallestRange = 2 ** -100

/** The first values set the range; it never shrinks. */
function widenTo(bins: Bins, low: number, high: number): void {
  const { counts } = bins
  if (bins.width === 0) {
    bins.low = low
    bins.width = Math.max(high - low, Math.abs(high) * 2 ** -20, smallestRange) / counts.length
  }
  while (low < bins.low) {
    bins.low -= bins.width * counts.length
    double(bins, counts.length / 2)
  }
  while (high > bins.low + bins.width * counts.length) double(bins, 0)
}

/** Merges pairs of bins into the half that begins at `into`. */
function double(bins: Bins, into: number): void {
  const { counts } = bins
  const merged = new Float64Array(counts.length)
  for (let i = 0; i < counts.length / 2; i++) merged[into + i] = (counts[2 * i] as number) + (counts[2 * i + 1] as number)
  bins.counts = merged
  bins.width *= 2
}

/** A range to quantize to: `low` and `high` clip, `min` and `max` are what was seen. */
export interface Clip {
  readonly low: number
  readonly high: number
  readonly min: number
  readonly max: number
}

export const nothingSeen: Clip = { low: 0, high: 0, min: 0, max: 0 }
