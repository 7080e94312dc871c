import { z } from 'zod'
import { quantity } from '../api/quantity.ts'
import { floatsOf } from '../ir/numbers.ts'
import { onePart, type Pass } from '../pass.ts'
import { type BlockOptions, blockWeights } from '../quantize/block-weights.ts'
import type { Product } from '../quantize/operand.ts'
import { roundedBack } from '../quantize/rounded-back.ts'
import { rescale, type ScaleSite } from '../quantize/scale-sites.ts'
import { beforeScaling, nothingScaled, observedSites, scalingOptions } from './scaling.ts'

const options = z.strictObject({
  bits: z
    .union([z.literal(2), z.literal(4), z.literal(8)])
    .default(4)
    .describe('Width that the weights will be stored in.'),
  block: z
    .union([z.literal(16), z.literal(32), z.literal(64), z.literal(128), z.literal(256)])
    .default(32)
    .describe('Weights that will share a scale.'),
  symmetric: z.boolean().default(false).describe('Whether they will have no zero points.'),
  ...scalingOptions,
})
type Options = z.infer<typeof options>

/** Exponents that are tried; 0 leaves the weights as they are. */
const exponents = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const

/** AWQ (Lin et al. 2024): weights that meet large activations are scaled up before they are rounded; how much is searched for each site. */
export const awqScale: Pass<Options> = {
  id: 'awq-scale',
  version: 4,
  title: 'Scale salient weights',
  summary: 'Scales up the weights that meet large activations, so that rounding to few bits harms them least; computes the same in float.',
  family: 'precision',
  fidelity: 'rounding',
  options,
  ...beforeScaling,
  async run(model, chosen, context) {
    const sites = await observedSites(model, chosen, context)
    if (sites.length === 0) return nothingScaled(model, chosen)
    let scaled = 0
    const { bits, block, symmetric } = chosen
    for (const [index, [site, { absMean }]] of sites.entries()) {
      context.signal.throwIfAborted()
      const factors = bestFactors(site, absMean, { bits, block, symmetric, levels: 'uniform', method: 'rtn', form: 'nbits' })
      context.progress(index + 1, sites.length)
      if (factors === null) continue
      scaled++
      model.lineage.during('awq-scale', `weights that meet large channels of '${site.activation.name}' are scaled up`, () =>
        rescale(site, factors),
      )
    }
    return onePart(model, scaled > 0, [sentence(scaled, sites.length, chosen)])
  },
}

function sentence(scaled: number, sites: number, { bits, block }: Pick<Options, 'bits' | 'block'>): string {
  const how = `at ${bits} bits in blocks of ${block}`
  if (scaled === 0)
    return `Nothing moved: for none of ${quantity(sites, 'activation')} did scaled weights round with less error than unscaled ones, ${how}.`
  const rest = scaled === sites ? '' : '; behind the others unscaled weights round best'
  return `The weights behind ${scaled} of ${quantity(sites, 'activation')} were scaled, ${how}${rest}.`
}

/** The factors with the least rounding error in the products' results, estimated channel by channel; `null` when none betters the weights as they are. */
function bestFactors(site: ScaleSite, sizes: readonly number[], grid: BlockOptions): Float32Array | null {
  let best: Float32Array | null = null
  let least = Number.POSITIVE_INFINITY
  for (const exponent of exponents) {
    const factors = salience(sizes, exponent)
    const error = site.products.reduce((sum, product) => sum + harm(product, factors, { sizes, grid }), 0)
    if (error >= least) continue
    least = error
    best = exponent === 0 ? null : factors
  }
  return best
}

/** Mean magnitudes to a power, centred so that the largest and the smallest factor are inverse to each other. */
function salience(sizes: readonly number[], exponent: number): Float32Array {
  const raw = Float32Array.from(sizes, (size) => Math.max(size, 1e-4) ** exponent)
  const middle = Math.sqrt(raw.reduce((a, b) => Math.max(a, b)) * raw.reduce((a, b) => Math.min(a, b)))
  return raw.map((factor) => factor / middle)
}

interface Weighing {
  readonly sizes: readonly number[]
  readonly grid: BlockOptions
}

/** Squared rounding errors of the weights, each weighed by the squared size of the activation that it meets. */
function harm({ tensor, matrix }: Product, factors: Float32Array, { sizes, grid }: Weighing): number {
  const channelOf = (at: number) => (matrix.layout === 'columns' ? Math.floor(at / matrix.channels) : at % matrix.depth)
  const values = floatsOf(tensor)
  const scaled = values.map((value, at) => value * (factors[channelOf(at)] as number))
  const rounded = roundedBack(blockWeights({ ...matrix, values: scaled }, grid), matrix, grid)
  let sum = 0
  for (let at = 0; at < values.length; at++) {
    const channel = channelOf(at)
    const error = ((rounded[at] as number) - (scaled[at] as number)) / (factors[channel] as number)
    sum += (error * (sizes[channel] as number)) ** 2
  }
  return sum
}
