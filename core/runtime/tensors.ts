import { byteLength, type DType } from '../ir/dtype.ts'
import { aligned, arrayBytes } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { TensorData } from '../observe/reducer.ts'
import { inputProblem, unsupportedType } from './failure.ts'
import { passedTypes } from './session.ts'

type Elements = ArrayBufferView & { readonly length: number }
type ElementsOf = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Elements

/** The array that each element type travels in through the Node binding. */
const arrays: Partial<Record<DType, { readonly of: ElementsOf; readonly size: number }>> = {
  float32: { of: Float32Array, size: 4 },
  float64: { of: Float64Array, size: 8 },
  float16: { of: Uint16Array, size: 2 },
  int8: { of: Int8Array, size: 1 },
  uint8: { of: Uint8Array, size: 1 },
  int16: { of: Int16Array, size: 2 },
  uint16: { of: Uint16Array, size: 2 },
  int32: { of: Int32Array, size: 4 },
  uint32: { of: Uint32Array, size: 4 },
  int64: { of: BigInt64Array, size: 8 },
  uint64: { of: BigUint64Array, size: 8 },
  bool: { of: Uint8Array, size: 1 },
}

/** Whether the binding hands over tensors of a type; for others it throws or, with 4 bits, ends the process. */
export const passesBinding = (dtype: DType): boolean => dtype === 'string' || passedTypes.has(dtype)

/**
 * The elements of a tensor as the binding wants them; shares memory when the bytes are aligned.
 * @throws ProblemError when the type cannot pass the binding or the bytes do not fit the dims
 */
export function elementsOf(name: string, tensor: TensorData): Elements | readonly string[] {
  const { dtype, dims, data } = tensor
  const count = countOf(dims)
  if (dtype === 'string') return checked(name, tensor, tensor.strings ?? [], count)
  const array = arrays[dtype]
  if (array === undefined) throw unsupportedType(dtype, name)
  checked(name, tensor, data, byteLength(dtype, count))
  const { buffer, byteOffset } = aligned(data, array.size)
  return new array.of(buffer, byteOffset, count)
}

function checked<T extends { readonly length: number }>(name: string, { dtype, dims }: TensorData, elements: T, expected: number): T {
  if (elements.length === expected) return elements
  throw inputProblem({
    code: 'tensor-length',
    what: `A ${dtype} tensor of [${dims.join(', ')}] takes ${expected} ${dtype === 'string' ? 'strings' : 'bytes'}, but ${elements.length} were given`,
    where: { tensor: name },
    mend: 'Give it data of its own size.',
  })
}

/** A tensor that came out of the binding, without copying its elements. */
export function tensorDataOf(dtype: DType, dims: readonly number[], data: unknown): TensorData {
  if (dtype === 'string') return { dtype, dims, data: new Uint8Array(0), strings: data as readonly string[] }
  const view = data as ArrayBufferView<ArrayBuffer>
  return { dtype, dims, data: arrayBytes(view) }
}
