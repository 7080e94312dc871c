import { numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'

export interface Finiteness {
  readonly elements: number
  /** How many of them are NaN or infinite. */
  readonly nonFinite: number
}

interface State {
  elements: number
  nonFinite: number
}

/** Whether a value is made of finite numbers: a range says nothing about the elements that it leaves out. */
export const finiteness: Reducer<object, State, Finiteness> = {
  id: 'finiteness',
  start: () => ({ elements: 0, nonFinite: 0 }),
  add(state, [value]) {
    const numbers = numbersIn(value as NonNullable<typeof value>)
    let nonFinite = 0
    for (let i = 0; i < numbers.length; i++) if ((numbers[i] as number) - (numbers[i] as number) !== 0) nonFinite += 1
    state.elements += numbers.length
    state.nonFinite += nonFinite
    return state
  },
  finish: (state) => ({ ...state }),
}
