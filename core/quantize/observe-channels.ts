import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Value } from '../ir/value.ts'
import type { PassContext } from '../pass.ts'
import { notFiniteActivation } from './problems.ts'

export interface ChannelSizes {
  readonly absMax: readonly number[]
  readonly absMean: readonly number[]
}

/**
 * Largest and mean magnitude of each channel (the last axis) of values of the main graph over the calibration samples.
 * @throws ProblemError when there are none, or a value is infinite or no number for some sample
 */
export async function observeChannels(
  model: Model,
  values: readonly Value[],
  samples: number,
  context: PassContext,
): Promise<ReadonlyMap<Value, ChannelSizes>> {
  const calibration = context.dataset?.calibration
  if (!calibration) throw noChannelSamples()
  const count = Math.min(samples, calibration.count)
  const calls = values.flatMap(({ name }) => [
    { key: name, reducer: 'outliers', values: [{ session: 0, name }], options: { axis: -1 } },
    { key: `finite:${name}`, reducer: 'finiteness', values: [{ session: 0, name }] },
  ])
  const found = await context.observe(model, { ...calibration, id: `${calibration.id}:${count}`, count }, calls)
  return new Map(
    values.map((value) => {
      const { nonFinite, elements } = found[`finite:${value.name}`] as { readonly nonFinite: number; readonly elements: number }
      if (nonFinite > 0) throw notFiniteActivation(value.name, nonFinite, elements)
      return [value, found[value.name] as ChannelSizes]
    }),
  )
}

export const noChannelSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'Moving outliers needs samples to see which channels have them, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data).',
  })
