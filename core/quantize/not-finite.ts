import { quantity } from '../api/quantity.ts'

/** One run of a model over some samples. */
export interface SampleRun {
  /** Of the output, as one row after the other. */
  readonly values: Float32Array
  readonly dims: readonly number[]
  /** The first sample of the run, and how many there are. */
  readonly from: number
  readonly rows: number
}

/**
 * What an output holds besides numbers, as a problem that stops nothing: which output, which samples, what to do. `null` where it holds
 * numbers alone.
 * @param kind of the samples: `calibration sample`
 */
export function notFiniteOutput(output: string, runs: readonly SampleRun[], kind: string): string | null {
  let [elements, all] = [0, 0]
  const samples = new Set<number>()
  let first = ''
  for (const { values, dims, from, rows } of runs) {
    all += values.length
    // Where the first axis does not count samples, a run is the nearest that can be named.
    const each = dims[0] === rows ? values.length / rows : values.length
    values.forEach((value, at) => {
      if (Number.isFinite(value)) return
      elements++
      const place = from + Math.floor(at / each)
      if (samples.size === 0) first = each === values.length && rows > 1 ? `${from} to ${from + rows - 1}` : `${place}`
      samples.add(place)
    })
  }
  if (elements === 0) return null
  return (
    `Of ${quantity(all, 'element')} of the output '${output}' ${elements} ${elements === 1 ? 'is' : 'are'} NaN or infinite in float, first on ` +
    `${kind} ${first}, counted from 0: layers are ranked and judged by the finite ones alone. Check these samples and the model on them.`
  )
}
