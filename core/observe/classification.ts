import { numbersIn } from './elements.ts'
import type { Reducer } from './reducer.ts'
import { lossOf, rankOf, scoresOf, topClass } from './scores.ts'

/** Judgement of each sample, so that two versions can be compared pair by pair, and the figures that follow from it. */
export interface Classification {
  readonly samples: number
  readonly classes: number
  /** Samples without a highest score: NaN throughout. They are right about nothing. */
  readonly undecided: number
  readonly accuracy: number
  readonly top5: number
  /** Mean, in nats. */
  readonly crossEntropy: number
  /** Harmonic mean of precision and recall: of class 1 with two classes, else the mean over the classes that occur. */
  readonly f1: number
  /** 1 where the highest score is the label's; one entry a sample. */
  readonly correct: Uint8Array
  readonly correctTop5: Uint8Array
  /** -1 where a sample is undecided. */
  readonly predicted: Int32Array
  readonly labels: Int32Array
  readonly loss: Float64Array
}

interface State {
  readonly predicted: number[]
  readonly labels: number[]
  readonly ranks: number[]
  readonly loss: number[]
  classes: number
}

/** Class scores against labels: `values` are logits [sample, class] and labels [sample] (or more axes before the class, flattened alike). */
export const classification: Reducer<unknown, State, Classification> = {
  id: 'classification',
  start: () => ({ predicted: [], labels: [], ranks: [], loss: [], classes: 0 }),
  add(state, [logits, given]) {
    const scores = scoresOf(logits as NonNullable<typeof logits>)
    const labels = numbersIn(given as NonNullable<typeof given>)
    if (labels.length !== scores.rows) throw new RangeError(`${scores.rows} rows of scores cannot be judged by ${labels.length} labels`)
    state.classes = Math.max(state.classes, scores.classes)
    for (let row = 0; row < scores.rows; row++) {
      const label = labels[row] as number
      if (!Number.isInteger(label)) throw new RangeError(`label ${label} is no whole number, and so no class`)
      if (!(label >= 0 && label < scores.classes)) throw new RangeError(`label ${label} is none of the ${scores.classes} classes`)
      state.labels.push(label)
      state.predicted.push(topClass(scores, row))
      state.ranks.push(rankOf(scores, row, label))
      state.loss.push(lossOf(scores, row, label))
    }
    return state
  },
  finish({ predicted, labels, ranks, loss, classes }) {
    const correct = Uint8Array.from(predicted, (guess, sample) => Number(guess === labels[sample]))
    const correctTop5 = Uint8Array.from(ranks, (rank, sample) => Number(rank < 5 && (predicted[sample] as number) >= 0))
    return {
      samples: labels.length,
      classes,
      undecided: predicted.filter((guess) => guess < 0).length,
      accuracy: meanOf(correct),
      top5: meanOf(correctTop5),
      crossEntropy: meanOf(loss),
      f1: f1Of(predicted, labels, classes),
      correct,
      correctTop5,
      predicted: Int32Array.from(predicted),
      labels: Int32Array.from(labels),
      loss: Float64Array.from(loss),
    }
  },
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] as number
  return values.length === 0 ? 0 : sum / values.length
}

function f1Of(predicted: readonly number[], labels: readonly number[], classes: number): number {
  const [hits, guesses, truths] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)]
  const add = (counts: Float64Array, at: number) => {
    counts[at] = (counts[at] as number) + 1
  }
  labels.forEach((label, sample) => {
    add(truths, label)
    add(guesses, predicted[sample] as number)
    if (predicted[sample] === label) add(hits, label)
  })
  const f1 = (k: number) => (2 * (hits[k] as number)) / Math.max(1, (guesses[k] as number) + (truths[k] as number))
  if (classes === 2) return f1(1)
  const occurring = Array.from({ length: classes }, (_, k) => k).filter((k) => (guesses[k] as number) + (truths[k] as number) > 0)
  return meanOf(occurring.map(f1))
}
