import { finishRange, type Range, type RangeOptions, rangeOf } from './range.ts'
import type { Reducer } from './reducer.ts'

interface State {
  readonly axis: number | undefined
  range: { readonly min: Float64Array; readonly max: Float64Array } | null
}

/** The range of a value over all samples. NaN and infinities are left out. */
export const minmax: Reducer<RangeOptions, State, Range> = {
  id: 'minmax',
  start: ({ axis }) => ({ axis, range: null }),
  add(state, [value]) {
    const next = rangeOf(value as NonNullable<typeof value>, state.axis)
    if (state.range === null) return { ...state, range: next }
    const { min, max } = state.range
    for (let channel = 0; channel < min.length; channel++) {
      min[channel] = Math.min(min[channel] as number, next.min[channel] as number)
      max[channel] = Math.max(max[channel] as number, next.max[channel] as number)
    }
    return state
  },
  finish: ({ range }) => finishRange(range),
}
