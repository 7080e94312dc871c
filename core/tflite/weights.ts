import { floatsOf } from '../ir/numbers.ts'
import type { Value } from '../ir/value.ts'
import type { Conversion } from './conversion.ts'
import { isHalf, widened } from './element-types.ts'
import type { TfliteQuantization } from './file.ts'
import { permuteBytes, store } from './layout.ts'
import { dequantized, quantizedConstant } from './quantized.ts'
import { Unconvertible } from './unconvertible.ts'

/** The constant weights of a convolution or matrix product as the file stores them: float32, or 8 bits with a scale a channel. */
export interface Weights {
  readonly name: string
  readonly data: Uint8Array
  readonly dims: readonly number[]
  readonly dtype: 'float32' | 'int8'
  readonly quantization: TfliteQuantization | null
  /** Whether 8-bit weights are made float before the kernel reads them. */
  readonly widened: boolean
}

/** Weights of a value. 8-bit ones stay in 8 bits in the file; a kernel that computes with floats reads what a DEQUANTIZE makes of them. */
export function weightsOf(to: Conversion, value: Value): Weights {
  const { name } = value
  const eight = quantizedConstant(value)
  if (eight?.dtype === 'int8')
    return { name, data: eight.data, dims: eight.dims, dtype: 'int8', quantization: eight.quantization, widened: !to.computesInEightBits }
  const constant = value.constant
  if (constant === null) throw new Unconvertible(`the weights '${name}' are computed`, 'Run clean-up first; weights must be constants.')
  const { dtype, dims } = constant.ref
  if (isHalf(dtype)) return { name, data: widened(constant), dims, dtype: 'float32', quantization: null, widened: false }
  if (dtype !== 'float32')
    throw new Unconvertible(`the weights '${name}' are ${dtype}`, 'Only float32 weights and those of a quantized graph can be converted.')
  return { name, data: constant.read(), dims, dtype: 'float32', quantization: null, widened: false }
}

/** Weights with their axes moved and, if need be, other dims over the same elements; the axis of several scales goes along. */
export function storeWeights(
  to: Conversion,
  { name, data, dims, dtype, quantization, widened: isWidened }: Weights,
  { perm, shape = store(dims, perm) }: { perm: readonly number[]; shape?: readonly number[] },
): number {
  const moved = permuteBytes(data, { dims, perm, width: dtype === 'float32' ? 4 : 1 })
  const axis = quantization !== null && quantization.scale.length > 1 ? perm.indexOf(quantization.axis) : 0
  const grid = quantization === null ? null : { ...quantization, axis }
  const stored = to.constant(moved, { name: isWidened ? `${name}/stored` : name, dtype, shape, quantization: grid })
  return isWidened ? to.emit('DEQUANTIZE', { inputs: [stored], dims: shape, dtype: 'float32', name }) : stored
}

/** The numbers of weights, whatever they are stored as. */
export function floatWeights({ data, dims, dtype, quantization }: Weights): Float32Array {
  if (quantization !== null && dtype === 'int8') return dequantized({ data, dims, dtype, quantization })
  return new Float32Array(new Uint8Array(data).buffer)
}

/** The bias of `count` outputs: float32, or int32 in the product of the scales of input and weights. Absent means zeros. */
export function storeBias(
  to: Conversion,
  value: Value | null,
  { count, weights, source }: { count: number; weights: Pick<Weights, 'quantization'> & { readonly widened?: boolean }; source: number },
): number {
  if (weights.quantization === null || weights.widened === true) return value === null ? zeros(to, count) : to.plain(value)
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
