import { axisOf, numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'

export interface ChannelNoiseOptions {
  /** Axis of the channels; the last one unless given. Negative counts from the end. */
  readonly axis?: number
}

/** What a second value adds to the first in each channel; arrays have one element a channel. */
export interface ChannelNoise {
  /** Variance of the first value over everything seen. */
  readonly variance: readonly number[]
  /** Mean square of the difference. */
  readonly error: readonly number[]
}

interface State {
  readonly axis: number
  sums: Float64Array
  squares: Float64Array
  errors: Float64Array
  /** Elements of one channel. */
  count: number
}

/** How much of each channel's own movement is drowned by an error: channels of small values among large ones count by themselves. */
export const channelNoise: Reducer<ChannelNoiseOptions, State, ChannelNoise> = {
  id: 'channel-noise',
  start: ({ axis = -1 }) => ({
    axis,
    sums: new Float64Array(0),
    squares: new Float64Array(0),
    errors: new Float64Array(0),
    count: 0,
  }),
  add(state, [reference, candidate]) {
    const tensor = reference as NonNullable<typeof reference>
    const { channels, inner } = axisOf(tensor.dims, tensor.dims.length === 0 ? undefined : state.axis)
    if (state.sums.length === 0) {
      state.sums = new Float64Array(channels)
      state.squares = new Float64Array(channels)
      state.errors = new Float64Array(channels)
    }
    const numbers = numbersIn(tensor)
    const others = numbersIn(candidate as NonNullable<typeof candidate>)
    if (numbers.length !== others.length) throw new RangeError('the two values do not have the same number of elements')
    for (let from = 0, channel = 0; from < numbers.length; from += inner, channel = (channel + 1) % channels)
      addChannel(state, { numbers, others }, { channel, from, to: from + inner })
    state.count += channels === 0 ? 0 : numbers.length / channels
    return state
  },
  finish({ sums, squares, errors, count }) {
    const mean = (sum: number) => (count === 0 ? 0 : sum / count)
    return {
      variance: Array.from(squares, (square, channel) => Math.max(0, mean(square) - mean(sums[channel] as number) ** 2)),
      error: Array.from(errors, mean),
    }
  },
}

type Numbers = ReturnType<typeof numbersIn>

function addChannel(
  state: State,
  { numbers, others }: { numbers: Numbers; others: Numbers },
  { channel, from, to }: { channel: number; from: number; to: number },
): void {
  let [sum, square, error] = [0, 0, 0]
  for (let i = from; i < to; i++) {
    const number = numbers[i] as number
    const difference = (others[i] as number) - number
    // Masked positions are infinite or nearly so in both.
    if (difference - difference !== 0 || Math.abs(number) > maskMagnitude) continue
    sum += number
    square += number * number
    error += difference * difference
  }
  state.sums[channel] = (state.sums[channel] as number) + sum
  state.squares[channel] = (state.squares[channel] as number) + square
  state.errors[channel] = (state.errors[channel] as number) + error
}

const maskMagnitude = 1e30
