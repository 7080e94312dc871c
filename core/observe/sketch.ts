import { numbersIn } from './elements.ts'
import { selectTensor } from './layout.ts'
import type { Reducer, TensorData } from './reducer.ts'

/** A value boiled down to a few numbers from which distances to other values of the same size can be told. */
export interface Sketch {
  readonly elements: number
  /** Sums of the elements under random signs, one for each of 32 draws: the norm of a difference of sketches estimates that of the values. */
  readonly sums: readonly number[]
  readonly norm: number
}

export interface SketchOptions {
  /** Only these positions of an axis (counted from the front) are sketched; a value without them counts as empty. */
  readonly select?: { readonly axis: number; readonly kept: readonly number[] }
}

interface State {
  readonly select: SketchOptions['select']
  elements: number
  squares: number
  readonly sums: Float64Array
}

const draws = 32

/**
 * Random projection of a value with signs (Johnson and Lindenstrauss 1984; Achlioptas 2003): |sums(a) - sums(b)| / sqrt(32) estimates |a - b|
 * within about an eighth. Signs follow from the position of an element alone, so sketches of different models can be compared.
 */
export const sketch: Reducer<SketchOptions | undefined, State, Sketch> = {
  id: 'sketch',
  start: (options) => ({ select: options?.select, elements: 0, squares: 0, sums: new Float64Array(draws) }),
  add(state, [whole]) {
    const value = whole && partOf(whole, state.select)
    if (value === undefined) return state
    const numbers = numbersIn(value)
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number
      // Masks of minus infinity say nothing of how near two values are.
      if (number - number !== 0) continue
      let signs = Math.imul(state.elements + i + 1, 0x9e3779b1)
      signs = Math.imul(signs ^ (signs >>> 15), 0x85ebca6b)
      signs = Math.imul(signs ^ (signs >>> 13), 0xc2b2ae35)
      signs ^= signs >>> 16
      for (let draw = 0; draw < draws; draw++) state.sums[draw] = (state.sums[draw] as number) + ((signs >>> draw) & 1 ? number : -number)
      state.squares += number * number
    }
    state.elements += numbers.length
    return state
  },
  finish: ({ elements, squares, sums }) => ({
    elements,
    sums: Array.from(sums, (sum) => sum / Math.sqrt(draws)),
    norm: Math.sqrt(squares),
  }),
}

function partOf(value: TensorData, select: SketchOptions['select']): TensorData | undefined {
  if (select === undefined) return value
  return select.kept.every((at) => at < (value.dims[select.axis] ?? 0)) ? selectTensor(value, select.axis, select.kept) : undefined
}

/** Estimated |a - b| / |a| of the values that were sketched; infinite when their sizes differ. */
export function distance(a: Sketch, b: Sketch): number {
  if (a.elements !== b.elements || a.norm === 0) return Number.POSITIVE_INFINITY
  return Math.hypot(...a.sums.map((sum, draw) => sum - (b.sums[draw] as number))) / a.norm
}
