import type { Model } from '../ir/model.ts'
import type { PassContext } from '../pass.ts'
import type { Choice, Unit } from '../quantize/allocation.ts'
import type { Compared } from '../quantize/judgement.ts'
import { type LocalEstimate, localEstimates } from '../quantize/local-estimates.ts'
import { bytesAt, type LowPrecision, type MixedUnit } from '../quantize/mixture.ts'
import { firstSamples } from '../quantize/sample-feeds.ts'
import { Workers } from '../quantize/workers.ts'
import { assignmentTo, calibrationOf, comparedOn, mixture, type Search } from './mixed-search.ts'

export interface Trials {
  /** In the order of the search's units. */
  readonly units: readonly Unit[]
  /** What one unit alone did to the output, at the first of its precisions; units that were not tried in time are missing. */
  readonly alone: ReadonlyMap<MixedUnit, Compared>
  readonly estimates: ReadonlyMap<MixedUnit, LocalEstimate>
  /** Samples on which the trials ran. */
  readonly samples: number
  /** How far the first output of a version is from the float model's, on the samples of the trials. */
  readonly against: (version: Model) => Promise<Compared>
  readonly notes: readonly string[]
}

/** The low precisions that a unit can be in. */
export const precisionsOf = ({ kind }: MixedUnit, { chosen }: Pick<Search, 'chosen'>): readonly LowPrecision[] =>
  chosen.precisions.filter((precision) => precision === 'int8' || kind === 'product')

/**
 * The error of the first output when one unit alone is at one precision, for all units and precisions: estimated from one observed pass, then
 * tried, the heaviest units first, until the time is up. Untried ones are taken at their estimate, in the measure that the tried ones show.
 * @param observing a context that remembers nothing: the estimates look at other models than the trials do
 */
export async function tryEach(search: Search, observing: PassContext): Promise<Trials> {
  const { units, chosen, context } = search
  const samples = firstSamples(calibrationOf(search), chosen.samples, search.model)
  const { against, notes } = await comparedOn(search, samples, 'calibration sample')
  const estimates = await estimatesOf(search, observing)
  const alone = new Map<MixedUnit, Compared>()
  const choices = new Map<MixedUnit, Choice[]>()
  const started = performance.now()
  for (const unit of [...units].sort((a, b) => b.weights - a.weights)) {
    context.signal.throwIfAborted()
    if (performance.now() - started > 1000 * chosen.seconds) break
    const low: Choice[] = []
    for (const precision of precisionsOf(unit, search)) {
      const found = await against(await mixture(search, assignmentTo(new Map([[unit, precision]])), 'trial'))
      if (low.length === 0) alone.set(unit, found)
      low.push({ precision, bytes: bytesAt(unit, precision), noise: found.noise, milliseconds: 0 })
    }
    choices.set(unit, low)
    observing.progress(choices.size, units.length)
  }
  const measure = measureOf(alone, estimates)
  const all = units.map((unit): Unit => {
    const low = choices.get(unit) ?? guessed(unit, search, estimates.get(unit), measure)
    const float: Choice = { precision: 'float32', bytes: bytesAt(unit, 'float32'), noise: 0, milliseconds: 0 }
    return { name: unit.name, choices: [...low, float].sort((a, b) => a.bytes - b.bytes) }
  })
  return { units: all, alone, estimates, samples: samples.count, against, notes }
}

async function estimatesOf(search: Search, context: PassContext): Promise<ReadonlyMap<MixedUnit, LocalEstimate>> {
  const { model, units, chosen } = search
  const workers = new Workers({ signal: context.signal })
  try {
    const precisionOf = (unit: MixedUnit) => precisionsOf(unit, search)[0] as LowPrecision
    const tried = units.filter((unit) => precisionsOf(unit, search).length > 0)
    return await localEstimates(model, { units: tried, precisionOf, samples: chosen.samples }, { context, workers })
  } finally {
    workers.close()
  }
}

const totalOf = ({ weights, activations }: LocalEstimate): number => weights + activations

/** Noise of the output over the noise of a unit's own results, as the median of those that were tried; 1 where none was. */
function measureOf(alone: ReadonlyMap<MixedUnit, Compared>, estimates: ReadonlyMap<MixedUnit, LocalEstimate>): number {
  const ratios = [...alone].flatMap(([unit, { noise }]) => {
    const estimate = estimates.get(unit)
    return estimate === undefined || totalOf(estimate) === 0 ? [] : [noise / totalOf(estimate)]
  })
  return ratios.length === 0 ? 1 : (ratios.sort((a, b) => a - b)[ratios.length >> 1] as number)
}

/** Four bits are some hundred times as noisy as eight: 16 times the step, squared. */
const coarser = 256

function guessed(unit: MixedUnit, search: Search, estimate: LocalEstimate | undefined, measure: number): Choice[] {
  if (estimate === undefined) return []
  return precisionsOf(unit, search).map((precision, _, all) => {
    const step = precision === all[0] ? 1 : precision === 'int4' ? coarser : 1 / coarser
    return { precision, bytes: bytesAt(unit, precision), noise: totalOf(estimate) * measure * step, milliseconds: 0 }
  })
}
