import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import type { Range } from './grid.ts'

export const calibrationMethods = ['minmax', 'moving-average', 'percentile', 'entropy', 'mse'] as const
export type CalibrationMethod = (typeof calibrationMethods)[number]

export interface Calibration {
  readonly method: CalibrationMethod
  /** Share of the elements that stays inside, in percent. */
  readonly percentile: number
  /** Samples that are looked at, at most. */
  readonly samples: number
  readonly symmetric: boolean
}

const reducers: Readonly<Record<CalibrationMethod, string>> = {
  minmax: 'minmax',
  'moving-average': 'moving-average',
  percentile: 'percentile',
  entropy: 'entropy',
  mse: 'mse-threshold',
}

function optionsOf({ method, percentile, symmetric }: Calibration): object {
  if (method === 'percentile') return { percentile }
  return method === 'mse' ? { symmetric } : {}
}

/** What a range reducer answers: minmax and moving average per channel, the histogram methods one clip. */
type Answer = { readonly min: readonly number[]; readonly max: readonly number[] } | { readonly low: number; readonly high: number }

/**
 * The ranges of values of the main graph over the calibration samples, observed inside the runtime process.
 * @throws ProblemError when there are no calibration samples, or a value is infinite or no number for some sample
 */
export async function calibrate(
  model: Model,
  values: readonly Value[],
  calibration: Calibration,
  context: PassContext,
): Promise<ReadonlyMap<Value, Range>> {
  const samples = context.dataset?.calibration
  if (!samples) throw noSamples()
  const count = Math.min(samples.count, calibration.samples)
  const table = count === samples.count ? samples : { ...samples, id: `${samples.id}:${count}`, count }
  const calls = values.flatMap(({ name }) => {
    const seen = [{ session: 0, name }]
    return [
      { key: `range:${name}`, reducer: reducers[calibration.method], values: seen, options: optionsOf(calibration) },
      { key: `finite:${name}`, reducer: 'finiteness', values: seen },
    ]
  })
  const found = await context.observe(model, table, calls)
  return new Map(
    values.map((value) => {
      const { nonFinite, elements } = found[`finite:${value.name}`] as { nonFinite: number; elements: number }
      if (nonFinite > 0) throw notFiniteActivation(value.name, nonFinite, elements)
      return [value, rangeOf(found[`range:${value.name}`] as Answer)]
    }),
  )
}

function rangeOf(answer: Answer): Range {
  if ('low' in answer) return { low: answer.low, high: answer.high }
  return { low: Math.min(...answer.min), high: Math.max(...answer.max) }
}

const noSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'Static quantization needs samples to find the ranges of activations, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data), or use quantize-dynamic.',
  })

const notFiniteActivation = (tensor: string, count: number, of: number): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'activation-not-finite',
    what: `${count} of ${of} elements of an activation are NaN or infinite on the calibration samples`,
    where: { tensor },
    mend: 'Check the samples and the model on them, or keep the nodes that read this value.',
  })
