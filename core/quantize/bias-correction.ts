import type { EightBitWeights } from './eight-bit.ts'
import type { Weighted } from './static-plan.ts'

/**
 * What storing weights in 8 bits shifts the results of each output channel by, on average: the sum over the channel's products of the
 * weight's change times the mean of the activation that it meets (Nagel et al. 2019, section 4.2). Behind a Relu activations have means far
 * from 0, and rounding errors that do not cancel out then act like a changed bias.
 * @param means of the activation's channels: axis 1 of a convolution's input, the last axis of a product's
 */
export function shiftOf(each: Weighted, values: Float32Array, weights: EightBitWeights, means: readonly number[]): Float64Array {
  const { channels, depth, layout } = each.found.matrix
  const [channelStep, step] = layout === 'columns' ? [1, channels] : [depth, 1]
  const meanOf = meansAt(each, means)
  const shift = new Float64Array(channels)
  for (let n = 0; n < channels; n++) {
    const scale = weights.scales[weights.scales.length > 1 ? n : 0] as number
    let sum = 0
    for (let k = 0; k < depth; k++) {
      const at = n * channelStep + k * step
      sum += (((weights.values[at] as number) - weights.zeroPoint) * scale - (values[at] as number)) * meanOf(n, k)
    }
    shift[n] = sum
  }
  return shift
}

/** The mean of the activation that meets product `k` of output channel `n`. */
function meansAt({ kind, found }: Weighted, means: readonly number[]): (n: number, k: number) => number {
  if (kind === 'product') return (_, k) => means[k] ?? 0
  const inputs = found.tensor.ref.dims[1] ?? 1
  const positions = found.matrix.depth / inputs
  const perGroup = found.matrix.channels / (means.length / inputs)
  return (n, k) => means[Math.floor(n / perGroup) * inputs + Math.floor(k / positions)] ?? 0
}
