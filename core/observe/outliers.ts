import { axisOf, type Numbers, numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'

export interface OutlierOptions {
  /** Axis of the channels; the last one unless given. */
  readonly axis?: number
}

export interface Outliers {
  /** Largest magnitude of each channel. */
  readonly absMax: readonly number[]
  /** Mean magnitude of each channel. */
  readonly absMean: readonly number[]
  readonly mean: number
  readonly variance: number
  /** Fourth standardized moment of all elements: 3 for a normal distribution, large when few elements are far out; 0 for a constant. */
  readonly kurtosis: number
  readonly elements: number
}

interface State {
  readonly axis: number
  absMax: Float64Array
  absSum: Float64Array
  moments: Moments
}

/** Count, mean, and sums of the second to fourth powers of the distance from the mean. */
interface Moments {
  readonly count: number
  readonly mean: number
  readonly m2: number
  readonly m3: number
  readonly m4: number
}

/** How unevenly a value spreads: what SmoothQuant and the choice of a scheme look at. Elements that are not finite are left out. */
export const outliers: Reducer<OutlierOptions, State, Outliers> = {
  id: 'outliers',
  start: ({ axis = -1 }) => ({
    axis,
    absMax: new Float64Array(0),
    absSum: new Float64Array(0),
    moments: { count: 0, mean: 0, m2: 0, m3: 0, m4: 0 },
  }),
  add(state, [value]) {
    const tensor = value as NonNullable<typeof value>
    const { channels, inner } = axisOf(tensor.dims, tensor.dims.length === 0 ? undefined : state.axis)
    if (state.absMax.length === 0) {
      state.absMax = new Float64Array(channels)
      state.absSum = new Float64Array(channels)
    }
    const numbers = numbersIn(tensor)
    addMagnitudes(state, numbers, inner)
    state.moments = merged(state.moments, momentsOf(numbers))
    return state
  },
  finish({ absMax, absSum, moments: { count, mean, m2, m4 } }) {
    const perChannel = count / absMax.length
    return {
      absMax: Array.from(absMax),
      absMean: Array.from(absSum, (sum) => (count === 0 ? 0 : sum / perChannel)),
      mean,
      variance: count === 0 ? 0 : m2 / count,
      kurtosis: m2 === 0 ? 0 : (count * m4) / (m2 * m2),
      elements: count,
    }
  },
}

function addMagnitudes({ absMax, absSum }: State, numbers: Numbers, inner: number): void {
  for (let from = 0, channel = 0; from < numbers.length; from += inner, channel = (channel + 1) % absMax.length) {
    let largest = absMax[channel] as number
    let sum = 0
    for (let i = from; i < from + inner; i++) {
      const magnitude = Math.abs(numbers[i] as number)
      if (magnitude - magnitude !== 0) continue
      if (magnitude > largest) largest = magnitude
      sum += magnitude
    }
    absMax[channel] = largest
    absSum[channel] = (absSum[channel] as number) + sum
  }
}

/** Two passes: distances from the batch's own mean lose no digits. */
function momentsOf(numbers: Numbers): Moments {
  let count = 0
  let sum = 0
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number
    if (number - number !== 0) continue
    count += 1
    sum += number
  }
  const mean = count === 0 ? 0 : sum / count
  let [m2, m3, m4] = [0, 0, 0]
  for (let i = 0; i < numbers.length; i++) {
    const distance = (numbers[i] as number) - mean
    if (distance - distance !== 0) continue
    const square = distance * distance
    m2 += square
    m3 += square * distance
    m4 += square * square
  }
  return { count, mean, m2, m3, m4 }
}

/** Moments of both sets together (Pébay 2008, equations 2.1 and 3.1). */
function merged(a: Moments, b: Moments): Moments {
  const count = a.count + b.count
  if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a
  const delta = b.mean - a.mean
  const [shareA, shareB] = [a.count / count, b.count / count]
  const between = a.count * shareB * delta * delta
  return {
    count,
    mean: a.mean + delta * shareB,
    m2: a.m2 + b.m2 + between,
    m3: a.m3 + b.m3 + between * delta * (shareA - shareB) + 3 * delta * (shareA * b.m2 - shareB * a.m2),
    m4:
      a.m4 +
      b.m4 +
      between * delta * delta * (shareA * shareA - shareA * shareB + shareB * shareB) +
      6 * delta * delta * (shareA * shareA * b.m2 + shareB * shareB * a.m2) +
      4 * delta * (shareA * b.m3 - shareB * a.m3),
  }
}
