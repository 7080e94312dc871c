import { finishRange, type Range, type RangeOptions, rangeOf } from './range.ts'
import type { Reducer } from './reducer.ts'

export interface MovingAverageOptions extends RangeOptions {
  /** Weight of what was seen before, 0 to 1; 0.9 unless given. */
  readonly momentum?: number
}

interface State {
  readonly axis: number | undefined
  readonly momentum: number
  range: { readonly min: Float64Array; readonly max: Float64Array } | null
}

/** The range of each batch, averaged exponentially: single outliers move it little (Jacob et al. 2018, section 3.1). */
export const movingAverage: Reducer<MovingAverageOptions, State, Range> = {
  id: 'moving-average',
  start: ({ axis, momentum = 0.9 }) => ({ axis, momentum, range: null }),
  add(state, [value]) {
    const next = rangeOf(value as NonNullable<typeof value>, state.axis)
    if (state.range === null) return { ...state, range: next }
    blend(state.range.min, next.min, state.momentum)
    blend(state.range.max, next.max, state.momentum)
    return state
  },
  finish: ({ range }) => finishRange(range),
}

/** A channel without a finite element, before or now, takes the side that has one. */
function blend(past: Float64Array, now: Float64Array, momentum: number): void {
  for (let channel = 0; channel < past.length; channel++) {
    const [before, next] = [past[channel] as number, now[channel] as number]
    if (!Number.isFinite(before)) past[channel] = next
    else if (Number.isFinite(next)) past[channel] = momentum * before + (1 - momentum) * next
  }
}
