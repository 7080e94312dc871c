import { type ChannelExtents, type WeightMatrix, walkPairs } from './weight-matrix.ts'

/**
 * On x86 without VNNI, products of unsigned activations and signed weights are added in pairs in 16 bits, and the sum saturates. With
 * activations up to 255 it stays within 16 bits exactly when the positive weights of the pair sum to at most 128 and the negative ones to
 * at least -128: 255 * 128 = 32640 fits, 255 * 129 = 32895 does not. Weights that keep to it give the same result on every CPU, at full
 * speed, symmetric with zero point 0.
 */
export const pairLimit = 128

const weightLimit = 127

/** Whether the sum of two products can leave 16 bits for some activations in 0..255. */
export function pairSaturates(a: number, b: number): boolean {
  return Math.max(a, 0) + Math.max(b, 0) > pairLimit || Math.min(a, 0) + Math.min(b, 0) < -pairLimit
}

/** Scales that use the whole range -limit..limit. */
export function fullScales({ magnitude }: ChannelExtents, limit = weightLimit): Float32Array {
  return usableScales(magnitude.map((size) => size / limit))
}

/** The smallest scales at which no pair sums to more than 128, but for what rounding adds. */
export function pairSafeScales({ magnitude, pair }: ChannelExtents): Float32Array {
  return usableScales(magnitude.map((size, n) => Math.max(size / weightLimit, pair[n]! / pairLimit)))
}

/** Smallest scale whose inverse is still a finite float32; below it everything is as good as zero. */
const smallestScale = 2 ** -126

/** A channel of zeros gets the smallest scale of the others, so that its bias, whose grid follows from it, stays as fine; 1 when all are zeros. */
function usableScales(scales: Float32Array): Float32Array {
  const smallest = scales.reduce((least, scale) => (scale > 0 && scale < least ? scale : least), Number.POSITIVE_INFINITY)
  const stand = Number.isFinite(smallest) ? smallest : 1
  return scales.map((scale) => Math.max(scale > 0 ? scale : stand, smallestScale))
}

/** Adding and taking away 1.5 * 2^52 rounds a float64 to a whole number, ties to even, as the runtime rounds. */
export const toWhole = 6755399441055744

export interface PairSafeWeights {
  /** In the layout of the matrix. */
  readonly values: Int8Array
  /** Pairs that would saturate at the scales of the full range, every weight rounded on its own. */
  readonly saturating: number
}

/**
 * Rounds every weight to a whole number of its channel's scale such that no pair of neighbours, in the kernel's order, can saturate.
 * Where rounding pushes a pair over the limit, the weight that it had moved outwards most goes back a step.
 * @param scales one a channel, at least magnitude / 127; a pair that is too large for them is clipped
 * @param full the scales of the full range, to count on the way what they would saturate
 */
export function pairSafeWeights(matrix: WeightMatrix, scales: Float32Array, full: Float32Array): PairSafeWeights {
  const { values } = matrix
  const inverse = Float64Array.from(scales, (scale) => 1 / scale)
  const fullInverse = Float64Array.from(full, (scale) => 1 / scale)
  const quantized = new Int8Array(values.length)
  let saturating = 0
  walkPairs(matrix, ({ start, end, first, second, step, paired }) => {
    let here = 0
    for (let n = start, i = first, j = second; n < end; n++, i += step, j += step) {
      const realA = values[i]!
      const realB = values[j]! * paired
      const a = realA * inverse[n]!
      const b = realB * inverse[n]!
      let wholeA = a + toWhole - toWhole
      let wholeB = b + toWhole - toWhole
      const excess = Math.abs(wholeA + wholeB) - pairLimit
      if (excess > 0) {
        const back = stepsBack(a, b, excess)
        wholeA -= Math.sign(a) * back
        wholeB -= Math.sign(b) * (excess - back)
      }
      quantized[j] = wholeB
      quantized[i] = wholeA
      if (Math.abs(realA + realB) * fullInverse[n]! > weightLimit && saturatesWhole(realA * fullInverse[n]!, realB * fullInverse[n]!))
        here++
    }
    saturating += here
  })
  return { values: quantized, saturating }
}

const saturatesWhole = (a: number, b: number): boolean => pairSaturates(a + toWhole - toWhole, b + toWhole - toWhole)

/** How many of `excess` steps towards zero the first of two weights of one sign takes, so that the squared error is smallest. */
function stepsBack(a: number, b: number, excess: number): number {
  let left = Math.round(Math.abs(a))
  let right = Math.round(Math.abs(b))
  let taken = 0
  for (let step = 0; step < excess; step++) {
    if (left - Math.abs(a) >= right - Math.abs(b)) {
      left--
      taken++
    } else right--
  }
  return taken
}

/** Weights rounded to whole numbers of their channel's scale, each on its own, to -limit..limit. */
export function plainWeights(matrix: WeightMatrix, scales: Float32Array, limit = weightLimit): Int8Array {
  const { values } = matrix
  const inverse = Float64Array.from(scales, (scale) => 1 / scale)
  const quantized = new Int8Array(values.length)
  walkPairs(matrix, ({ start, end, first, second, step }) => {
    for (let n = start, i = first, j = second; n < end; n++, i += step, j += step) {
      quantized[i] = Math.max(-limit, Math.min(limit, values[i]! * inverse[n]! + toWhole - toWhole))
      quantized[j] = Math.max(-limit, Math.min(limit, values[j]! * inverse[n]! + toWhole - toWhole))
    }
  })
  return quantized
}

/** How many pairs can saturate at these scales when every weight is rounded on its own. */
export function saturatingPairs(matrix: WeightMatrix, scales: Float32Array): number {
  const { values } = matrix
  const inverse = Float64Array.from(scales, (scale) => 1 / scale)
  let count = 0
  walkPairs(matrix, ({ start, end, first, second, step, paired }) => {
    let here = 0
    for (let n = start, i = first, j = second; n < end; n++, i += step, j += step) {
      const a = values[i]! * inverse[n]!
      const b = values[j]! * inverse[n]! * paired
      if (Math.abs(a + b) > weightLimit && saturatesWhole(a, b)) here++
    }
    count += here
  })
  return count
}
