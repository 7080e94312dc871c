import { axisOf, type Numbers, numbersIn } from './elements.ts'
import type { TensorData } from './reducer.ts'

export interface RangeOptions {
  /** Axis whose indices get a range each; the whole tensor has one unless given. Negative counts from the end. */
  readonly axis?: number
}

/** Smallest and largest element, one entry a channel (one for the whole tensor without an axis). */
export interface Range {
  readonly min: readonly number[]
  readonly max: readonly number[]
}

/** The range of a tensor's finite elements; infinite where a channel has none (`min` above `max`). */
export function rangeOf(value: TensorData, axis: number | undefined): { min: Float64Array; max: Float64Array } {
  const { channels, inner } = axisOf(value.dims, axis)
  const min = new Float64Array(channels).fill(Number.POSITIVE_INFINITY)
  const max = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY)
  const numbers = numbersIn(value)
  // Rows of `inner` elements belong to channel after channel, over and over.
  for (let from = 0, channel = 0; from < numbers.length; from += inner, channel = (channel + 1) % channels) {
    const row = rangeOfRow(numbers, from, from + inner)
    min[channel] = Math.min(min[channel] as number, row.low)
    max[channel] = Math.max(max[channel] as number, row.high)
  }
  return { min, max }
}

function rangeOfRow(numbers: Numbers, from: number, to: number): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = from; i < to; i++) {
    const number = numbers[i] as number
    // NaN fails both comparisons.
    if (number < low && number > Number.NEGATIVE_INFINITY) low = number
    if (number > high && number < Number.POSITIVE_INFINITY) high = number
  }
  return { low, high }
}

/** Ranges as plain numbers; [0, 0] where there never was an element. */
export function finishRange(range: { readonly min: Float64Array; readonly max: Float64Array } | null): Range {
  if (range === null) return { min: [0], max: [0] }
  const finite = (limit: number) => (Number.isFinite(limit) ? limit : 0)
  return { min: Array.from(range.min, finite), max: Array.from(range.max, finite) }
}
