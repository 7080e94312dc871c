import { numbersIn } from './elements.ts'
import type { TensorData } from './reducer.ts'

/** Logits as rows of `classes` scores: all axes but the last are rows. */
export interface Scores {
  readonly numbers: ArrayLike<number>
  readonly rows: number
  readonly classes: number
}

export function scoresOf(tensor: TensorData): Scores {
  const numbers = numbersIn(tensor)
  const classes = tensor.dims.at(-1) ?? 1
  return { numbers, rows: classes === 0 ? 0 : numbers.length / classes, classes }
}

/** The class with the highest score of a row; the first of equals. A NaN never wins: where there is nothing else it is -1, no class at all. */
export function topClass({ numbers, classes }: Scores, row: number): number {
  let best = -1
  let highest = Number.NEGATIVE_INFINITY
  for (let k = 0; k < classes; k++) {
    const score = numbers[row * classes + k] as number
    if (score > highest || (best < 0 && score === highest)) {
      highest = score
      best = k
    }
  }
  return best
}

/** How many classes of a row score higher than `label`, or the same and stand before it. */
export function rankOf({ numbers, classes }: Scores, row: number, label: number): number {
  const base = row * classes
  const own = numbers[base + label] as number
  let rank = 0
  for (let k = 0; k < classes; k++) {
    const score = numbers[base + k] as number
    if (score > own || (score === own && k < label)) rank += 1
  }
  // A NaN has no rank.
  return Number.isNaN(own) ? classes : rank
}

/** -log softmax of a label in a row, in nats. */
export function lossOf({ numbers, classes }: Scores, row: number, label: number): number {
  const base = row * classes
  let highest = Number.NEGATIVE_INFINITY
  for (let k = 0; k < classes; k++) highest = Math.max(highest, numbers[base + k] as number)
  let sum = 0
  for (let k = 0; k < classes; k++) sum += Math.exp((numbers[base + k] as number) - highest)
  return highest + Math.log(sum) - (numbers[base + label] as number)
}
