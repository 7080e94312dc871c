import { numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'
import { lossOf, scoresOf } from './scores.ts'

export interface PerplexityOptions {
  /** Whether the tokens are the model's own inputs: position t is then judged by the token at t + 1. False: the labels are shifted already. */
  readonly shift?: boolean
  /** Label of positions that do not count; -100 unless given. */
  readonly ignore?: number
}

export interface Perplexity {
  readonly perplexity: number
  /** Mean over tokens, in nats. */
  readonly crossEntropy: number
  readonly tokens: number
  /** Sums of losses and of judged tokens, one entry a sample. */
  readonly loss: Float64Array
  readonly counts: Float64Array
}

interface State {
  readonly shift: boolean
  readonly ignore: number
  readonly loss: number[]
  readonly counts: number[]
}

/** Next-token prediction: `values` are logits [sample, position, vocabulary], tokens [sample, position] and, optionally, a mask of them. */
export const perplexity: Reducer<PerplexityOptions, State, Perplexity> = {
  id: 'perplexity',
  start: ({ shift = false, ignore = -100 }) => ({ shift, ignore, loss: [], counts: [] }),
  add(state, [logits, given, givenMask]) {
    const scores = scoresOf(logits as NonNullable<typeof logits>)
    const labels = numbersIn(given as NonNullable<typeof given>)
    const mask = givenMask === undefined ? null : numbersIn(givenMask)
    if (labels.length !== scores.rows) throw new RangeError(`${scores.rows} positions cannot be judged by ${labels.length} tokens`)
    // Tokens of one axis are one for each sample.
    const length = given === undefined || given.dims.length < 2 ? 1 : (given.dims.at(-1) as number)
    const ahead = state.shift ? 1 : 0
    for (let first = 0; first < labels.length; first += length) {
      let [loss, count] = [0, 0]
      for (let position = first; position + ahead < first + length; position++) {
        const label = labels[position + ahead] as number
        if (label === state.ignore || mask?.[position + ahead] === 0 || mask?.[position] === 0) continue
        loss += lossOf(scores, position, label)
        count += 1
      }
      state.loss.push(loss)
      state.counts.push(count)
    }
    return state
  },
  finish({ loss, counts }) {
    const tokens = counts.reduce((sum, count) => sum + count, 0)
    const crossEntropy = tokens === 0 ? 0 : loss.reduce((sum, each) => sum + each, 0) / tokens
    return { perplexity: Math.exp(crossEntropy), crossEntropy, tokens, loss: Float64Array.from(loss), counts: Float64Array.from(counts) }
  },
}
