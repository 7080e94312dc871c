import type { DType } from '../ir/dtype.ts'
import { floatsOf, numbersOf } from '../ir/numbers.ts'
import type { Tensor } from '../ir/tensor.ts'
import { Unconvertible } from './unconvertible.ts'

/** Floats of 16 bits: the runtime stores them, but its kernels compute nothing with them. */
export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'

/** The elements of a constant as float32. */
export const widened = (tensor: Tensor): Uint8Array => new Uint8Array(floatsOf(tensor).slice().buffer)

/** The type in which numbers of a type stand in the file; `name` is whose they are, for the sentence that refuses a type. */
export function storedType(dtype: DType, name: string): DType {
  if (isHalf(dtype)) return 'float32'
  if (widerIntegers.has(dtype)) return 'int32'
  if (dtype === 'float64')
    throw new Unconvertible(`'${name}' is float64, which the runtime's kernels do not compute`, 'Convert the model to float32 first.')
  if (!storedTypes.has(dtype))
    throw new Unconvertible(`'${name}' is ${dtype}, which the runtime does not compute with`, 'Convert the model to float32 first.')
  return dtype
}

/** Integers that are stored in 32 bits, for the runtime's kernels have few others. */
const widerIntegers: ReadonlySet<DType> = new Set(['int64', 'uint64', 'uint32', 'uint16'])

/** What the runtime's kernels compute with, beside quantized numbers. */
const storedTypes: ReadonlySet<DType> = new Set(['float32', 'int32', 'int16', 'int8', 'uint8', 'bool', 'string'])

/** int64 constants as int32. The limits of int64 mean "to the end" and become those of int32; anything else must fit. */
function narrow(tensor: Tensor, name: string): Uint8Array {
  const values = Int32Array.from(numbersOf(tensor), (value) => {
    if (value >= 2 ** 31 && value < 2 ** 62)
      throw new Unconvertible(`'${name}' holds ${value}, which int32 cannot hold`, 'Keep indices below 2^31.')
    return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value))
  })
  return new Uint8Array(values.buffer)
}

/** The elements of a constant in the type in which they stand in the file. */
export function storedData(tensor: Tensor, name: string): Uint8Array {
  if (widerIntegers.has(tensor.ref.dtype)) return narrow(tensor, name)
  return isHalf(tensor.ref.dtype) ? widened(tensor) : tensor.read()
}
