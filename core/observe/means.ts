import { axisOf, numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'

export interface MeansOptions {
  /** Axis of the channels; the last one unless given. Negative counts from the end. */
  readonly axis?: number
}

export interface Means {
  /** Mean of each channel over everything seen; 0 where nothing was. */
  readonly means: readonly number[]
}

interface State {
  readonly axis: number
  sums: Float64Array
  /** Elements of one channel. */
  count: number
}

/** The mean of each channel: what a change of the weights that read them shifts their results by. */
export const means: Reducer<MeansOptions, State, Means> = {
  id: 'means',
  start: ({ axis = -1 }) => ({ axis, sums: new Float64Array(0), count: 0 }),
  add(state, [value]) {
    const tensor = value as NonNullable<typeof value>
    const { channels, inner } = axisOf(tensor.dims, tensor.dims.length === 0 ? undefined : state.axis)
    if (state.sums.length === 0) state.sums = new Float64Array(channels)
    const numbers = numbersIn(tensor)
    for (let from = 0, channel = 0; from < numbers.length; from += inner, channel = (channel + 1) % channels) {
      let sum = 0
      for (let i = from; i < from + inner; i++) sum += numbers[i] as number
      state.sums[channel] = (state.sums[channel] as number) + sum
    }
    state.count += channels === 0 ? 0 : numbers.length / channels
    return state
  },
  finish: ({ sums, count }) => ({ means: Array.from(sums, (sum) => (count === 0 ? 0 : sum / count)) }),
}
