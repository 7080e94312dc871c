import { floatsOf } from '../ir/numbers.ts'
import type { Value } from '../ir/value.ts'
import { type Conversion, isHalf, widened } from './conversion.ts'
import type { TfliteQuantization } from './file.ts'
import { permuteBytes, store } from './layout.ts'
import { quantizedConstant } from './quantized.ts'
import { Unconvertible } from './unconvertible.ts'

/** The constant weights of a convolution or matrix product as the file stores them: float32, or 8 bits with a scale a channel. */
export interface Weights {
  readonly name: string
  readonly data: Uint8Array
  readonly dims: readonly number[]
  readonly dtype: 'float32' | 'int8'
  readonly quantization: TfliteQuantization | null
}

/** Weights of a value, 8-bit ones while computing in 8 bits. */
export function weightsOf(to: Conversion, value: Value): Weights {
  const eight = to.computesInEightBits ? quantizedConstant(value) : null
  if (eight !== null) return { name: value.name, data: eight.data, dims: eight.dims, dtype: 'int8', quantization: eight.quantization }
  const constant = value.constant
  if (constant === null)
    throw new Unconvertible(`the weights '${value.name}' are computed`, 'Run clean-up first; weights must be constants.')
  if (isHalf(constant.ref.dtype))
    return { name: value.name, data: widened(constant), dims: constant.ref.dims, dtype: 'float32', quantization: null }
  if (constant.ref.dtype !== 'float32')
    throw new Unconvertible(
      `the weights '${value.name}' are ${constant.ref.dtype}`,
      'Only float32 weights and those of a quantized graph can be converted.',
    )
  return { name: value.name, data: constant.read(), dims: constant.ref.dims, dtype: 'float32', quantization: null }
}

/** Weights with their axes moved and, if need be, other dims over the same elements; the axis of the scales goes along. */
export function storeWeights(
  to: Conversion,
  weights: Weights,
  { perm, shape, axis }: { perm: readonly number[]; shape?: readonly number[]; axis: number },
): number {
  const data = permuteBytes(weights.data, { dims: weights.dims, perm, width: weights.dtype === 'float32' ? 4 : 1 })
  const quantization =
    weights.quantization === null ? null : { ...weights.quantization, axis: weights.quantization.scale.length > 1 ? axis : 0 }
  return to.constant(data, { name: weights.name, dtype: weights.dtype, shape: shape ?? store(weights.dims, perm), quantization })
}

/** The bias of `count` outputs: float32, or int32 in the product of the scales of input and weights. Absent means zeros. */
export function storeBias(
  to: Conversion,
  value: Value | null,
  { count, weights, source }: { count: number; weights: Pick<Weights, 'quantization'>; source: number },
): number {
  if (weights.quantization === null) return value === null ? zeros(to, count) : to.plain(value)
  const inputScale = to.tensorAt(source).quantization?.scale[0] as number
  const { scale: weightScales } = weights.quantization
  const scale = Array.from({ length: weightScales.length }, (_, i) => inputScale * (weightScales[i] as number))
  const quantization = { scale, zeroPoint: scale.map(() => 0), axis: 0 }
  const data = value === null ? new Uint8Array(count * 4) : biasData(value, { count, scale })
  return to.constant(data, { name: value?.name ?? `zeros ${count}`, dtype: 'int32', shape: [count], quantization })
}

/** Stored int32 biases are taken over when they have the very scale that the runtime assumes; float ones are rounded to it. */
function biasData(value: Value, { count, scale }: { count: number; scale: readonly number[] }): Uint8Array {
  const stored = quantizedConstant(value)
  if (stored !== null && stored.dtype === 'int32') {
    const given = new Int32Array(new Uint8Array(stored.data).buffer)
    return rounded(count, (i) => (given[i] as number) * (at(stored.quantization.scale, i) / at(scale, i)))
  }
  if (value.constant === null)
    throw new Unconvertible(`the bias '${value.name}' is computed`, 'Run clean-up first; biases must be constants.')
  const floats = floatsOf(value.constant)
  return rounded(count, (i) => (floats[i] as number) / at(scale, i))
}

const at = (scales: readonly number[], i: number): number => (scales.length === 1 ? (scales[0] as number) : (scales[i] as number))

const rounded = (count: number, value: (i: number) => number): Uint8Array =>
  new Uint8Array(Int32Array.from({ length: count }, (_, i) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value(i))))).buffer)

const zeros = (to: Conversion, count: number): number =>
  to.constant(new Uint8Array(count * 4), { name: `zeros ${count}`, dtype: 'float32', shape: [count] })
