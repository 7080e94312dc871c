import type { DType } from '../ir/dtype.ts'
import { numbersOf, typedArrayOf } from '../ir/numbers.ts'
import { countOf, tensorOf } from '../ir/tensor.ts'
import type { TensorData } from './reducer.ts'

export type Numbers = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array

const asTheyAre: ReadonlySet<DType> = new Set(['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'bool'])

/** The elements of a numeric tensor as numbers, without a copy where the array of the type holds numbers. */
export function numbersIn({ dtype, dims, data }: TensorData): Numbers {
  const tensor = tensorOf(dtype, dims, data)
  return asTheyAre.has(dtype) ? (typedArrayOf(tensor) as Numbers) : numbersOf(tensor)
}

/** A shape seen from one axis: elements run over `outer`, then `channels`, then `inner`. Without an axis there is one channel. */
export function axisOf(dims: readonly number[], axis: number | undefined): { outer: number; channels: number; inner: number } {
  if (axis === undefined) return { outer: 1, channels: 1, inner: countOf(dims) }
  const at = axis < 0 ? axis + dims.length : axis
  if (at < 0 || at >= dims.length) throw new RangeError(`axis ${axis} is outside of a tensor of ${dims.length} dimensions`)
  return { outer: countOf(dims.slice(0, at)), channels: dims[at] as number, inner: countOf(dims.slice(at + 1)) }
}
