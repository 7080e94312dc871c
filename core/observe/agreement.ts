import type { Reducer } from './reducer.ts'
import { scoresOf, topClass } from './scores.ts'

export interface Agreement {
  /** Rows of scores: samples, or samples times positions. */
  readonly rows: number
  /** Share of rows whose highest score is at the same class. */
  readonly agreement: number
  /** 1 where both agree, one entry a row. */
  readonly agree: Uint8Array
}

/** Whether two versions choose the same class: `values` are the scores of both. */
export const agreement: Reducer<unknown, number[], Agreement> = {
  id: 'agreement',
  start: () => [],
  add(agree, [first, second]) {
    const [a, b] = [scoresOf(first as NonNullable<typeof first>), scoresOf(second as NonNullable<typeof second>)]
    if (a.rows !== b.rows || a.classes !== b.classes) {
      throw new RangeError(`scores of [${first?.dims.join(', ')}] and [${second?.dims.join(', ')}] cannot be compared`)
    }
    for (let row = 0; row < a.rows; row++) agree.push(Number(topClass(a, row) === topClass(b, row)))
    return agree
  },
  finish(agree) {
    const same = agree.reduce((sum, each) => sum + each, 0)
    return { rows: agree.length, agreement: agree.length === 0 ? 0 : same / agree.length, agree: Uint8Array.from(agree) }
  },
}
