import { fewestForVerdict, upperBound } from '../measure/statistics.ts'
import type { Score } from '../pass.ts'

type Losses = NonNullable<Score['losses']>

/** Outputs of the float model and of a candidate on the same samples. */
export interface Compared {
  /** Error power over signal power. */
  readonly noise: number
  /** Of all elements as one vector. */
  readonly cosine: number
  readonly rows: number
  /** Rows whose largest element is another one. */
  readonly changed: number
}

export const decibels = (noise: number): number => (noise === 0 ? Number.POSITIVE_INFINITY : -10 * Math.log10(noise))

/** Noise in decibels, for people. */
export const decibelText = (noise: number): string => (noise === 0 ? 'no loss' : `${decibels(noise).toFixed(1)} dB`)

/** Noise, over the signal's power, of outputs that mean nothing any more. */
const ruinous = 1e30

/** @param width elements of one row: classes */
export function compare(reference: Float32Array, other: Float32Array, width: number): Compared {
  let signal = 0
  let error = 0
  let power = 0
  let product = 0
  let ruined = false
  for (let i = 0; i < reference.length; i++) {
    const difference = (other[i] as number) - (reference[i] as number)
    if (!Number.isFinite(difference)) {
      // What was a number and is none any more cannot be weighed against anything.
      if (Number.isFinite(reference[i] as number)) ruined = true
      continue
    }
    signal += (reference[i] as number) ** 2
    error += difference ** 2
    power += (other[i] as number) ** 2
    product += (reference[i] as number) * (other[i] as number)
  }
  const rows = Math.floor(reference.length / width)
  let changed = 0
  for (let row = 0; row < rows; row++) if (largest(reference, row * width, width) !== largest(other, row * width, width)) changed++
  const norms = Math.sqrt(signal) * Math.sqrt(power)
  const cosine = ruined ? 0 : norms === 0 ? Number(error === 0) : Math.max(-1, Math.min(1, product / norms))
  const noise = error === 0 ? 0 : signal === 0 ? ruinous : error / signal
  return { noise: ruined ? ruinous : noise, cosine, rows, changed }
}

function largest(values: Float32Array, from: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if ((values[from + i] as number) > (values[from + best] as number)) best = i
  return best
}

/** Standard normal quantile of the one-sided 95 % bound. */
const bound = 1.645

/**
 * The upper 95 % bound of a loss of accuracy, from samples that both versions answered: only those whose answer changed can have changed
 * the accuracy, so the spread follows from their number (McNemar's test).
 * @param loss measured, as a share
 */
export function upperLoss(loss: number, { rows, changed }: Pick<Compared, 'rows' | 'changed'>): number {
  return loss + (bound * Math.sqrt(changed)) / rows
}

/**
 * The upper 95 % bound of the share by which a metric made of losses rises, from the differences of the same samples (paired bootstrap): what
 * makes one sample harder than another cancels. `null` where samples are too few to tell.
 * @param exponential whether the metric is the exponential of the mean loss (perplexity), not the mean itself
 */
export function upperRise(before: Losses, after: Losses, exponential: boolean): number | null {
  const { length } = before.sums
  if (length < fewestForVerdict) return null
  const mean = ({ sums, counts }: Losses, drawn: Int32Array) =>
    drawn.reduce((sum, at) => sum + (sums[at] as number), 0) / drawn.reduce((sum, at) => sum + (counts[at] as number), 0)
  const rise = (drawn: Int32Array) => {
    const [from, to] = [mean(before, drawn), mean(after, drawn)]
    return exponential ? Math.expm1(to - from) : to / from - 1
  }
  return upperBound(length, rise, 1)
}
