import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { activationBehind } from './activation-behind.ts'
import type { Range } from './grid.ts'
import { notFiniteActivation } from './problems.ts'

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

type ReducerCall = Parameters<PassContext['observe']>[2][number]

const reducers: Readonly<Record<CalibrationMethod, string>> = {
  minmax: 'minmax',
  'moving-average': 'moving-average',
  percentile: 'percentile',
  entropy: 'entropy',
  mse: 'mse-threshold',
}

function optionsOf(value: Value, { method, percentile, symmetric }: Calibration): object {
  if (method === 'percentile') return { percentile }
  if (method === 'entropy') return { symmetric }
  const through = method === 'mse' ? activationBehind(value) : null
  return method === 'mse' ? { symmetric, ...(through === null ? {} : { through }) } : {}
}

interface Finiteness {
  readonly elements: number
  readonly nonFinite: number
}

interface Means {
  readonly means: readonly number[]
}

/** What a range reducer answers: minmax and moving average per channel, the histogram methods one clip. */
type Answer = { readonly min: readonly number[]; readonly max: readonly number[] } | { readonly low: number; readonly high: number }

/** What the samples tell of a value. */
export interface Observed extends Range {
  /** Mean of each channel, where it was asked for. */
  readonly means: readonly number[] | null
}

export interface CalibrationRequest extends Calibration {
  readonly values: Iterable<Value>
  /** Values whose channels' means are wanted, and the axis of the channels. */
  readonly means: ReadonlyMap<Value, number>
}

/**
 * The ranges of values of the main graph over the calibration samples, observed inside the runtime process.
 * @throws ProblemError when there are no calibration samples, or a value is infinite or no number for some sample
 */
export async function calibrate(model: Model, request: CalibrationRequest, context: PassContext): Promise<ReadonlyMap<Value, Observed>> {
  const samples = context.dataset?.calibration
  if (!samples) throw noRangeSamples()
  const count = Math.min(samples.count, request.samples)
  const table = count === samples.count ? samples : { ...samples, id: `${samples.id}:${count}`, count }
  const values = [...request.values]
  const calls = values.flatMap((value) => callsFor(value, request))
  // Options that change no range take up the ranges of the run before.
  const key = { kind: 'ranges', samples: table.id, opset: model.opset, calls }
  const found = await context.memo(key, () => context.observe(model, table, calls))
  return new Map(
    values.map((value) => {
      const { nonFinite, elements } = found[`finite:${value.name}`] as Finiteness
      if (nonFinite > 0) throw notFiniteActivation(value.name, nonFinite, elements)
      const { means = null } = (found[`means:${value.name}`] ?? {}) as Partial<Means>
      return [value, { ...rangeOf(found[`range:${value.name}`] as Answer), means }]
    }),
  )
}

function callsFor(value: Value, request: CalibrationRequest): ReducerCall[] {
  const values = [{ session: 0, name: value.name }]
  const axis = request.means.get(value)
  const calls: ReducerCall[] = [
    { key: `range:${value.name}`, reducer: reducers[request.method], values, options: optionsOf(value, request) },
    { key: `finite:${value.name}`, reducer: 'finiteness', values },
  ]
  return axis === undefined ? calls : [...calls, { key: `means:${value.name}`, reducer: 'means', values, options: { axis } }]
}

function rangeOf(answer: Answer): Range {
  if ('low' in answer) return { low: answer.low, high: answer.high }
  return { low: Math.min(...answer.min), high: Math.max(...answer.max) }
}

export const noRangeSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'Static quantization needs samples to find the ranges of activations, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data), or use quantize-dynamic.',
  })
