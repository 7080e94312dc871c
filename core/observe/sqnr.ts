import type { ValueMap } from '../ir/value.ts'
import { type Pair, paired } from './correspondence.ts'
import type { Reducer } from './reducer.ts'

export interface SqnrOptions {
  /** How the second value follows from the first, first step first; the same elements in the same order unless given. */
  readonly maps?: readonly ValueMap[]
  /** How what is given as the first value follows from it: moved, or as codes; it is that value unless given. */
  readonly own?: readonly ValueMap[]
}

/** How far the second value is from the first, over all elements of all samples. */
export interface Deviation {
  /** 10 log10(signal power / error power); null when there is no error. */
  readonly sqnrDb: number | null
  readonly cosine: number
  readonly maxAbs: number
  readonly meanAbs: number
  /** Sums of squares of the first value and of the difference. */
  readonly signal: number
  readonly error: number
  readonly elements: number
  /** Elements that are finite in one of the two only, or infinite with different signs; they are in no other figure. */
  readonly nonFinite: number
  /** Those among them that are finite in the first value: what the second one lost. */
  readonly lost: number
}

interface State {
  readonly maps: readonly ValueMap[]
  readonly own: readonly ValueMap[]
  signal: number
  candidate: number
  product: number
  error: number
  absolute: number
  maxAbs: number
  elements: number
  nonFinite: number
  lost: number
}

/** Signal-to-quantization-noise ratio and its kin of two values: `values` are the reference and the candidate. */
export const sqnr: Reducer<SqnrOptions, State, Deviation> = {
  id: 'sqnr',
  start: ({ maps = [], own = [] }) => ({
    ...{ maps, own, signal: 0, candidate: 0, product: 0, error: 0, absolute: 0, maxAbs: 0, elements: 0, nonFinite: 0, lost: 0 },
  }),
  add(state, [reference, candidate]) {
    const pair = paired(reference as NonNullable<typeof reference>, candidate as NonNullable<typeof candidate>, state.maps, state.own)
    // Blocks keep the partial sums small, so that adding one more square loses next to nothing.
    for (let from = 0; from < pair.reference.length; from += block) addBlock(state, pair, from)
    return state
  },
  finish({ signal, candidate, product, error, absolute, maxAbs, elements, nonFinite, lost }) {
    const norms = Math.sqrt(signal) * Math.sqrt(candidate)
    return {
      sqnrDb: error === 0 ? null : 10 * Math.log10(signal / error),
      cosine: norms === 0 ? (error === 0 ? 1 : 0) : Math.max(-1, Math.min(1, product / norms)),
      maxAbs,
      meanAbs: elements === 0 ? 0 : absolute / elements,
      ...{ signal, error, elements, nonFinite, lost },
    }
  },
}

const block = 4096

/** Masks of attention add the lowest number there is; beyond this on both sides an element says nothing but that it is masked. */
const maskMagnitude = 1e30
const lowestHalf = -65504

function addBlock(state: State, pair: Pair, from: number): void {
  const to = Math.min(from + block, pair.reference.length)
  let [signal, candidate, product, error, absolute] = [0, 0, 0, 0, 0]
  let { maxAbs } = state
  let counted = 0
  for (let i = from; i < to; i++) {
    const a = pair.reference[i] as number
    const b = pair.candidate[i] as number
    // A mask of floats that became the lowest half there is, or minus infinity, masks as before.
    if (a < -maskMagnitude && b <= lowestHalf) continue
    const difference = b - a
    // Infinite or NaN on either side: equal ones (masks of minus infinity) are no error.
    if (difference - difference !== 0) {
      if (Object.is(a, b)) continue
      state.nonFinite += 1
      if (Number.isFinite(a)) state.lost += 1
      continue
    }
    if (Math.abs(a) > maskMagnitude && Math.abs(b) > maskMagnitude) continue
    const distance = Math.abs(difference)
    signal += a * a
    candidate += b * b
    product += a * b
    error += difference * difference
    absolute += distance
    if (distance > maxAbs) maxAbs = distance
    counted += 1
  }
  state.signal += signal
  state.candidate += candidate
  state.product += product
  state.error += error
  state.absolute += absolute
  state.maxAbs = maxAbs
  state.elements += counted
}
