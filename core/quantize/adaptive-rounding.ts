import { type EightBitOptions, type EightBitWeights, eightBitWeights, limitOf } from './eight-bit.ts'
import { pairSaturates } from './pair-safe.ts'
import type { WeightMatrix } from './weight-matrix.ts'

/** How the inputs of a weight vary together: what its rounding errors do to the results follows from that. */
export interface Covariance {
  /** [groups, depth, depth]; channels divide evenly among the groups. */
  readonly values: Float32Array
  readonly groups: number
}

/** Times that every weight of a channel is looked at. */
const mostSweeps = 6

/**
 * 8-bit weights whose rounding errors cancel out in the results: starting from the nearest whole numbers, single weights take a step up or
 * down as long as that lowers the expected squared error e^T C e of their channel, C the covariance of the inputs. That is the objective of
 * AdaRound (Nagel et al. 2020, equation 13), solved by coordinate descent; no weight ends more than one step off, and pairs stay safe.
 */
export function adaptivelyRounded(matrix: WeightMatrix, options: EightBitOptions, covariance: Covariance): EightBitWeights {
  const weights = eightBitWeights(matrix, options)
  if (!weights.finite) return weights
  const { channels, depth } = matrix
  const perGroup = channels / covariance.groups
  const search: Search = {
    errors: new Float64Array(depth),
    gradient: new Float64Array(depth),
    codes: new Int16Array(depth),
    partner: options.grid === 'pair-safe' && options.summed !== false ? partnersOf(matrix) : null,
    limit: limitOf(options.grid),
  }
  for (let n = 0; n < channels; n++) {
    const from = Math.floor(n / perGroup) * depth * depth
    improve(search, covariance.values.subarray(from, from + depth * depth), channelOf(matrix, weights, n))
  }
  return weights
}

interface Search {
  /** Real error of each weight as it is rounded now. */
  readonly errors: Float64Array
  /** Covariance times errors. */
  readonly gradient: Float64Array
  /** Whole numbers of the channel, without the zero point. */
  readonly codes: Int16Array
  /** The weight that the kernel adds each with; itself where it is alone. */
  readonly partner: Uint32Array | null
  readonly limit: number
}

interface Channel {
  readonly reals: Float32Array
  readonly stored: Int8Array | Uint8Array
  readonly first: number
  readonly step: number
  readonly scale: number
  readonly zeroPoint: number
}

function channelOf({ values, channels, depth, layout }: WeightMatrix, weights: EightBitWeights, n: number): Channel {
  const [first, step] = layout === 'columns' ? [n, channels] : [n * depth, 1]
  const scale = weights.scales[weights.scales.length > 1 ? n : 0]!
  return { reals: values, stored: weights.values, first, step, scale, zeroPoint: weights.zeroPoint }
}

function improve(search: Search, covariance: Float32Array, channel: Channel): void {
  const { errors, gradient, codes } = search
  const { reals, stored, first, step, scale, zeroPoint } = channel
  const depth = errors.length
  for (let k = 0, at = first; k < depth; k++, at += step) {
    codes[k] = stored[at]! - zeroPoint
    errors[k] = codes[k]! * scale - reals[at]!
  }
  gradient.fill(0)
  for (let k = 0; k < depth; k++) addColumn(gradient, covariance, k, errors[k]!)
  for (let sweep = 0; sweep < mostSweeps; sweep++) if (!swept(search, covariance, scale)) break
  for (let k = 0, at = first; k < depth; k++, at += step) stored[at] = codes[k]! + zeroPoint
}

/** One look at every weight; whether any took a step. */
function swept({ errors, gradient, codes, partner, limit }: Search, covariance: Float32Array, scale: number): boolean {
  const depth = errors.length
  let changed = false
  for (let k = 0; k < depth; k++) {
    const way = gradient[k]! > 0 ? -1 : 1
    const change = way * scale
    // By how much e^T C e falls: -(2 g d + C d^2), g = (C e)_k.
    const gain = -(2 * gradient[k]! * change + covariance[k * depth + k]! * change * change)
    if (!(gain > 0) || Math.abs(errors[k]! + change) >= scale) continue
    const code = codes[k]! + way
    if (Math.abs(code) > limit) continue
    if (partner !== null && partner[k] !== k && pairSaturates(code, codes[partner[k]!]!)) continue
    codes[k] = code
    errors[k] = errors[k]! + change
    addColumn(gradient, covariance, k, change)
    changed = true
  }
  return changed
}

/** The covariance is symmetric: its rows are its columns. */
function addColumn(gradient: Float64Array, covariance: Float32Array, k: number, factor: number): void {
  if (factor === 0) return
  const depth = gradient.length
  for (let j = 0, at = k * depth; j < depth; j++, at++) gradient[j] = gradient[j]! + factor * covariance[at]!
}

function partnersOf({ depth, order }: WeightMatrix): Uint32Array {
  const partners = new Uint32Array(depth)
  for (let k = 0; k < depth; k += 2) {
    const next = Math.min(k + 1, depth - 1)
    const [a, b] = order === undefined ? [k, next] : [order[k]!, order[next]!]
    partners[a] = b
    partners[b] = a
  }
  return partners
}
