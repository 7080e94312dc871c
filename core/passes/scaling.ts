import { z } from 'zod'
import type { Model } from '../ir/model.ts'
import { type Given, onePart, type PassContext, type PassResult } from '../pass.ts'
import { keptNodes } from '../quantize/keep.ts'
import { type ChannelSizes, noChannelSamples, observeChannels } from '../quantize/observe-channels.ts'
import { noScaleSites, type ScaleSite, scaledNodes, scaleSites } from '../quantize/scale-sites.ts'
import { inferShapes } from '../shapes/infer.ts'

/** Options of every pass that moves factors between activations and the weights that read them. */
export const scalingOptions = {
  samples: z.int().positive().default(128).describe('Calibration samples that are looked at, at most.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes whose weights stay as they are.'),
}

interface ScalingOptions {
  readonly samples: number
  readonly keep: readonly string[]
}

const sitesOf = (model: Model, { keep }: ScalingOptions): ScaleSite[] => scaleSites(model, keptNodes(model, keep))

/** What such a pass says before it runs. */
export const beforeScaling = {
  pointless: (model: Model, options: ScalingOptions): string | null =>
    sitesOf(model, options).length === 0 ? noScaleSites(options.keep) : null,
  check(_model: Model, _options: ScalingOptions, { calibration }: Given): void {
    if (!calibration) throw noChannelSamples()
  },
  atMost: (model: Model, options: ScalingOptions): number => scaledNodes(sitesOf(model, options)),
}

/**
 * Every place where factors can move, with the sizes of its channels on the calibration samples; none where there is no such place.
 * @throws ProblemError when there are no samples, or a value is infinite or no number for some sample
 */
export async function observedSites(
  model: Model,
  options: ScalingOptions,
  context: PassContext,
): Promise<readonly (readonly [ScaleSite, ChannelSizes])[]> {
  inferShapes(model)
  const sites = sitesOf(model, options)
  if (sites.length === 0) return []
  const activations = sites.map(({ activation }) => activation)
  const observed = await observeChannels(model, activations, options.samples, context)
  return sites.map((site) => [site, observed.get(site.activation) as ChannelSizes])
}

/** The result where there is no such place. */
export const nothingScaled = (model: Model, { keep }: ScalingOptions): PassResult =>
  onePart(model, false, [`Nothing moved: ${noScaleSites(keep)}.`])
