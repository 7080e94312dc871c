import type { Reducer } from './reducer.ts'
import { scoresOf, topClass } from './scores.ts'

export interface Agreement {
  /** Rows of scores that were compared: samples, or samples times positions. */
  readonly rows: number
  /** Rows without a highest score in either version (NaN throughout), of which nothing can be said. */
  readonly undecided: number
  /** Share of rows whose highest score is at the same class. */
  readonly agreement: number
  /** 1 where both agree, one entry a row. */
  readonly agree: Uint8Array
}

interface State {
  readonly agree: number[]
  undecided: number
}

/** Whether two versions choose the same class: `values` are the scores of both. */
export const agreement: Reducer<unknown, State, Agreement> = {
  id: 'agreement',
  start: () => ({ agree: [], undecided: 0 }),
  add(state, [first, second]) {
    const [a, b] = [scoresOf(first as NonNullable<typeof first>), scoresOf(second as NonNullable<typeof second>)]
    if (a.rows !== b.rows || a.classes !== b.classes) {
      throw new RangeError(`scores of [${first?.dims.join(', ')}] and [${second?.dims.join(', ')}] cannot be compared`)
    }
    for (let row = 0; row < a.rows; row++) {
      const [before, after] = [topClass(a, row), topClass(b, row)]
      if (before < 0 && after < 0) state.undecided += 1
      else state.agree.push(Number(before === after))
    }
    return state
  },
  finish({ agree, undecided }) {
    const same = agree.reduce((sum, each) => sum + each, 0)
    return { rows: agree.length, undecided, agreement: agree.length === 0 ? 0 : same / agree.length, agree: Uint8Array.from(agree) }
  },
}
