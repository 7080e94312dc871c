import { axisOf, numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'

export interface RangeOptions {
  /** Axis whose indices get a range each; the whole tensor has one unless given. Negative counts from the end. */
  readonly axis?: number
}

/** Smallest and largest finite element, one entry a channel. */
export interface Range {
  readonly min: readonly number[]
  readonly max: readonly number[]
}

interface State {
  readonly axis: number | undefined
  min: Float64Array
  max: Float64Array
}

/** The range of a value over all samples. NaN and infinities are left out. A value that never had an element has the range [0, 0]. */
export const minmax: Reducer<RangeOptions, State, Range> = {
  id: 'minmax',
  start: ({ axis }) => ({ axis, min: new Float64Array(0), max: new Float64Array(0) }),
  add(state, [value]) {
    if (value === undefined) return state
    const numbers = numbersIn(value)
    const { channels, inner } = axisOf(value.dims, state.axis)
    if (state.min.length === 0) {
      state.min = new Float64Array(channels).fill(Number.POSITIVE_INFINITY)
      state.max = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY)
    }
    widen(state, numbers, inner)
    return state
  },
  finish({ min, max }) {
    const empty = min.length === 0 ? 1 : 0
    const finite = (limit: number) => (Number.isFinite(limit) ? limit : 0)
    return { min: empty ? [0] : Array.from(min, finite), max: empty ? [0] : Array.from(max, finite) }
  },
}

/** Rows of `inner` elements belong to channel after channel, over and over. */
function widen({ min, max }: State, numbers: ArrayLike<number>, inner: number): void {
  const channels = min.length
  for (let from = 0, channel = 0; from < numbers.length; from += inner, channel = (channel + 1) % channels) {
    let low = min[channel] as number
    let high = max[channel] as number
    for (let i = from; i < from + inner; i++) {
      const number = numbers[i] as number
      if (number < low && number !== Number.NEGATIVE_INFINITY) low = number
      if (number > high && number !== Number.POSITIVE_INFINITY) high = number
    }
    min[channel] = low
    max[channel] = high
  }
}
