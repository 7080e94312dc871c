import { z } from 'zod'
import { quantity } from '../api/quantity.ts'
import { onePart, type Pass } from '../pass.ts'
import { keptNodes } from '../quantize/keep.ts'
import { noChannelSamples, observeChannels } from '../quantize/observe-channels.ts'
import { noScaleSites, rescale, scaledNodes, scaleSites, weightRanges } from '../quantize/scale-sites.ts'
import { inferShapes } from '../shapes/infer.ts'

const options = z.strictObject({
  strength: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('How much of an activation outlier moves into the weights: 0 nothing, 1 all of it.'),
  samples: z.int().positive().default(128).describe('Calibration samples that are looked at, at most.'),
  keep: z.array(z.string()).default([]).describe('Node references or scopes whose weights stay as they are.'),
})
type Options = z.infer<typeof options>

/** Factors beyond these would only move the outlier from one side to the other. */
const limits = { least: 1e-3, most: 1e3 } as const

/** SmoothQuant (Xiao et al. 2023): channels with outliers are divided where they are made and multiplied in the weights that read them. */
export const smoothQuant: Pass<Options> = {
  id: 'smooth-quant',
  version: 4,
  title: 'Smooth activations',
  summary: 'Moves outliers of activations into the weights that read them, so that both fit 8 bits better; computes the same in float.',
  family: 'precision',
  fidelity: 'rounding',
  options,
  pointless: (model, { keep }) => (scaleSites(model, keptNodes(model, keep)).length === 0 ? noScaleSites(keep) : null),
  check(_model, _options, { calibration }) {
    if (!calibration) throw noChannelSamples()
  },
  atMost: (model, { keep }) => scaledNodes(scaleSites(model, keptNodes(model, keep))),
  async run(model, { strength, samples, keep }, context) {
    inferShapes(model)
    const sites = scaleSites(model, keptNodes(model, keep))
    if (sites.length === 0) return onePart(model, false, [`Nothing moved: ${noScaleSites(keep)}.`])
    const observed = await observeChannels(
      model,
      sites.map(({ activation }) => activation),
      samples,
      context,
    )
    let moved = 0
    let weights = 0
    let most = 1
    for (const site of sites) {
      const ranges = weightRanges(site)
      const { absMax } = observed.get(site.activation) as { absMax: readonly number[] }
      const factors = ranges.map((range, n) => smoothing(absMax[n] ?? 0, range, strength))
      const largest = factors.reduce((a, factor) => Math.max(a, factor, 1 / factor), 1)
      // Equal factors for all channels change nothing that a scale does not take back.
      if (largest === 1) continue
      moved++
      weights += site.products.length
      most = Math.max(most, largest)
      model.lineage.during('smooth-quant', `outliers of '${site.activation.name}' move into the weights that read it`, () =>
        rescale(site, factors),
      )
    }
    return onePart(model, moved > 0, [sentence({ moved, weights, most }, sites.length)])
  },
}

function sentence({ moved, weights, most }: { moved: number; weights: number; most: number }, sites: number): string {
  if (moved === 0)
    return `Nothing moved: all channels of the ${quantity(sites, 'activation')} that could be scaled have factor 1 (only zeros reach them, or their weights are zeros).`
  return `Outliers of ${quantity(moved, 'activation')} moved into ${quantity(weights, 'weight')}; the largest factor of a channel is ${Number(most.toPrecision(3))}.`
}

function smoothing(activation: number, weight: number, strength: number): number {
  if (activation === 0 || weight === 0) return 1
  return Math.min(limits.most, Math.max(limits.least, activation ** strength / weight ** (1 - strength)))
}
