import { z } from 'zod'
import { quantity } from '../api/quantity.ts'
import { onePart, type Pass } from '../pass.ts'
import { rescale, weightRanges } from '../quantize/scale-sites.ts'
import { beforeScaling, nothingScaled, observedSites, scalingOptions } from './scaling.ts'

const options = z.strictObject({
  strength: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('How much of an activation outlier moves into the weights: 0 nothing, 1 all of it.'),
  ...scalingOptions,
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
  ...beforeScaling,
  async run(model, chosen, context) {
    const sites = await observedSites(model, chosen, context)
    if (sites.length === 0) return nothingScaled(model, chosen)
    let moved = 0
    let weights = 0
    let most = 1
    for (const [site, { absMax }] of sites) {
      const ranges = weightRanges(site)
      const factors = ranges.map((range, n) => smoothing(absMax[n] ?? 0, range, chosen.strength))
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
