/** Outputs of the float model and of a candidate on the same samples. */
export interface Compared {
  /** Error power over signal power. */
  readonly noise: number
  readonly rows: number
  /** Rows whose largest element is another one. */
  readonly changed: number
}

export const decibels = (noise: number): number => (noise === 0 ? Number.POSITIVE_INFINITY : -10 * Math.log10(noise))

/** @param width elements of one row: classes */
export function compare(reference: Float32Array, other: Float32Array, width: number): Compared {
  let signal = 0
  let error = 0
  for (let i = 0; i < reference.length; i++) {
    const difference = (other[i] as number) - (reference[i] as number)
    if (!Number.isFinite(difference)) continue
    signal += (reference[i] as number) ** 2
    error += difference ** 2
  }
  const rows = Math.floor(reference.length / width)
  let changed = 0
  for (let row = 0; row < rows; row++) if (largest(reference, row * width, width) !== largest(other, row * width, width)) changed++
  return { noise: signal === 0 ? 0 : error / signal, rows, changed }
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
export function upperLoss(loss: number, { rows, changed }: Compared): number {
  return loss + (bound * Math.sqrt(changed)) / rows
}
