import type { DType } from '../../ir/dtype.ts'
import { float32Tensor, floatsOf, numbersOf, tensorFrom } from '../../ir/numbers.ts'
import { countOf, type Tensor } from '../../ir/tensor.ts'
import type { ConstantValue } from '../../rewrite/pattern.ts'

/** The factor and the term of each output channel: y = x * factor + term. */
export interface Affine {
  readonly factor: Float64Array
  readonly term: Float64Array
}

/** What a BatchNormalization at inference does to each channel: (x - mean) / sqrt(variance + epsilon) * scale + shift. */
export function affineOf(
  norm: { scale: ConstantValue; shift: ConstantValue; mean: ConstantValue; variance: ConstantValue },
  epsilon: number,
): Affine {
  const [scale, shift, mean, variance] = [norm.scale, norm.shift, norm.mean, norm.variance].map(({ constant }) => numbersOf(constant)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const factor = scale.map((value, i) => value / Math.sqrt((variance[i] as number) + epsilon))
  return { factor, term: shift.map((value, i) => value - (mean[i] as number) * (factor[i] as number)) }
}

/** Which output channel the elements of a weight belong to: `each` neighbours share one, and `of` tells that of the n-th such block. */
export interface Channels {
  readonly each: number
  readonly of: (block: number) => number
}

/** The weights of a convolution with each output channel multiplied. */
export function scaled(weight: Tensor, factor: Float64Array, { each, of }: Channels): Tensor {
  const { dtype, dims } = weight.ref
  if (dtype !== 'float32') {
    const numbers = numbersOf(weight).map((value, i) => value * (factor[of(Math.floor(i / each))] as number))
    return tensorFrom(dtype, dims, numbers)
  }
  const source = floatsOf(weight)
  const result = new Float32Array(source.length)
  for (let block = 0, i = 0; i < source.length; block++) {
    const by = factor[of(block)] as number
    for (const end = i + each; i < end; i++) result[i] = (source[i] as number) * by
  }
  return float32Tensor(dims, result)
}

/** A bias through the same transformation; a left-out one is 0. */
export function scaledBias(bias: Tensor | null, { factor, term }: Affine, dtype: DType): Tensor {
  const old = bias === null ? null : numbersOf(bias)
  return tensorFrom(
    dtype,
    [factor.length],
    term.map((value, i) => value + (old === null ? 0 : (old[i] as number) * (factor[i] as number))),
  )
}

/** Output channels of the weights of a Conv [out, in / group, ...]. */
export const convChannel = (weight: Tensor): Channels => ({ each: countOf(weight.ref.dims.slice(1)), of: (block) => block })

/** Output channels of the weights of a ConvTranspose [in, out / group, ...]. */
export function transposedChannel(weight: Tensor, group: number): Channels {
  const [inputs = 1, outputs = 1] = weight.ref.dims
  const perGroup = inputs / group
  return {
    each: countOf(weight.ref.dims.slice(2)),
    of: (block) => Math.floor(block / outputs / perGroup) * outputs + (block % outputs),
  }
}

/** Output channels of the columns, or of the rows, of a matrix. */
export const columnChannel = (columns: number): Channels => ({ each: 1, of: (position) => position % columns })
export const rowChannel = (columns: number): Channels => ({ each: columns, of: (row) => row })

/**
 * One number for each channel of a value [batch, channels, ...] from a constant that broadcasts with it along the channels alone; `null` when
 * it does not, or would change the value's shape.
 */
export function perChannel(constant: Tensor, channels: number, rank: number): Float64Array | null {
  const { dims } = constant.ref
  if (dims.length > rank) return null
  const aligned = [...new Array<number>(rank - dims.length).fill(1), ...dims]
  if (aligned.some((dim, axis) => dim !== 1 && (axis !== 1 || dim !== channels))) return null
  const numbers = numbersOf(constant)
  return numbers.length === channels ? numbers : new Float64Array(channels).fill(numbers[0] as number)
}
