import { bitsOf, type DType } from './dtype.ts'
import { minifloatTable } from './minifloat.ts'
import { countOf, type Tensor, tensorOf } from './tensor.ts'

const scratch = new DataView(new ArrayBuffer(4))

/** IEEE 754 half precision bits to a number. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * float32 bits of a number, rounded to odd where it is inexact, so that rounding them once more to fewer bits gives what rounding the number
 * itself would have given (Boldo and Melquiond, "When double rounding is odd", 2005).
 */
function oddFloatBits(value: number): number {
  scratch.setFloat32(0, value)
  const bits = scratch.getUint32(0)
  const rounded = scratch.getFloat32(0)
  if (rounded === value || Number.isNaN(value)) return bits
  return (Math.abs(rounded) > Math.abs(value) ? bits - 1 : bits) | 1
}

/** A number to IEEE 754 half precision bits, rounded to nearest, ties to even; beyond 65504 it becomes infinite. */
export function numberToHalf(value: number): number {
  const bits = oddFloatBits(value)
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127
  const fraction = bits & 0x7fffff
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200)
  if (exponent >= -14) {
    const kept = ((exponent + 15) << 10) | (fraction >>> 13)
    const rest = fraction & 0x1fff
    const rounded = kept + (rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1) ? 1 : 0)
    return rounded >= 0x7c00 ? sign | 0x7c00 : sign | rounded
  }
  if (exponent < -25) return sign
  const full = fraction | 0x800000
  const shift = -exponent - 1
  const kept = full >>> shift
  const rest = full & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0))
}

/** bfloat16 bits to a number. */
export function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

/** A number to bfloat16 bits, rounded to nearest, ties to even. */
export function numberToBfloat(value: number): number {
  const bits = oddFloatBits(value)
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

/** Bytes as a typed array; copies only when the bytes are not aligned for it. */
export function aligned(bytes: Uint8Array, size: number): { buffer: ArrayBuffer; byteOffset: number } {
  if (bytes.byteOffset % size === 0 && bytes.buffer instanceof ArrayBuffer) return { buffer: bytes.buffer, byteOffset: bytes.byteOffset }
  // Not `slice`, which on a Buffer shares the memory.
  const copy = new Uint8Array(bytes)
  return { buffer: copy.buffer, byteOffset: 0 }
}

/**
 * The elements of a numeric tensor as the typed array of its element type: `Float32Array` for float32, `BigInt64Array` for int64,
 * `Uint16Array` with the raw bits for float16 and bfloat16, `Uint8Array` for bool, float8 and packed sub-byte types.
 * It may share memory with the model: do not write to it.
 */
export function typedArrayOf(tensor: Tensor): TypedArray {
  const bytes = tensor.read()
  const size = Math.max(1, bitsOf(tensor.ref.dtype) / 8)
  const { buffer, byteOffset } = aligned(bytes, Math.min(size, 8))
  const count = bytes.byteLength / size
  switch (tensor.ref.dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count)
    case 'float64':
      return new Float64Array(buffer, byteOffset, count)
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, count)
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, count)
    case 'int32':
      return new Int32Array(buffer, byteOffset, count)
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, count)
    case 'int16':
      return new Int16Array(buffer, byteOffset, count)
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(buffer, byteOffset, count)
    case 'int8':
      return new Int8Array(buffer, byteOffset, count)
    default:
      return new Uint8Array(buffer, byteOffset, bytes.byteLength)
  }
}

/** The elements as float64, whatever the numeric type (int64 beyond 2^53 loses digits; for shapes and scales, not for hashes). */
export function numbersOf(tensor: Tensor): Float64Array {
  const { dtype, dims } = tensor.ref
  const count = countOf(dims)
  const raw = typedArrayOf(tensor)
  const result = new Float64Array(count)
  if (dtype === 'string' || dtype.startsWith('complex')) throw new TypeError(`elements of ${dtype} cannot be read as numbers`)
  const table = minifloatTable(dtype)
  if (table !== null || bitsOf(dtype) < 8) return fromCodes(raw as Uint8Array, dtype, result)
  if (dtype === 'float16') for (let i = 0; i < count; i++) result[i] = halfToNumber(Number(raw[i]))
  else if (dtype === 'bfloat16') for (let i = 0; i < count; i++) result[i] = bfloatToNumber(Number(raw[i]))
  else for (let i = 0; i < count; i++) result[i] = Number(raw[i])
  return result
}

/** Numbers of codes of at most eight bits that stand one after the other, lowest bits first. */
function fromCodes(bytes: Uint8Array, dtype: DType, result: Float64Array): Float64Array {
  const table = minifloatTable(dtype)
  const bits = bitsOf(dtype)
  const mask = (1 << bits) - 1
  const signed = dtype.startsWith('int')
  for (let i = 0; i < result.length; i++) {
    const at = Math.floor((i * bits) / 8)
    const code = (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) >> ((i * bits) % 8)) & mask
    result[i] = table !== null ? (table[code] as number) : signed && code > mask >> 1 ? code - mask - 1 : code
  }
  return result
}

/** float32 elements: shared when the tensor is float32, converted when it is another numeric type. */
export function floatsOf(tensor: Tensor): Float32Array {
  return tensor.ref.dtype === 'float32' ? (typedArrayOf(tensor) as Float32Array) : Float32Array.from(numbersOf(tensor))
}

/** The bytes of a typed array, shared with it: little-endian on every machine that runs this, as tensors hold them. */
export const arrayBytes = <B extends ArrayBufferLike>(array: ArrayBufferView<B>): Uint8Array<B> =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** A float32 tensor that takes over the array. */
export const float32Tensor = (dims: readonly number[], values: Float32Array | readonly number[]): Tensor =>
  tensorOf('float32', dims, arrayBytes(values instanceof Float32Array ? values : Float32Array.from(values)))

/** An int64 tensor, 1-D unless dims are given. */
export const int64Tensor = (values: readonly number[], dims: readonly number[] = [values.length]): Tensor =>
  tensorOf('int64', dims, arrayBytes(BigInt64Array.from(values, int64Of)))

/** A number as int64; values at or past the limits (the "to the end" of Slice) become the limits. */
export function int64Of(value: number): bigint {
  if (value >= 2 ** 63) return 9223372036854775807n
  if (value <= -(2 ** 63)) return -9223372036854775808n
  return BigInt(value)
}

/** A tensor of any numeric element type from numbers (rounded as the type asks; no saturation: the caller keeps to the range). */
export function tensorFrom(dtype: DType, dims: readonly number[], values: ArrayLike<number>): Tensor {
  const numbers = Array.from(values)
  const make: Partial<Record<DType, () => ArrayBufferView>> = {
    float32: () => Float32Array.from(numbers),
    float64: () => Float64Array.from(numbers),
    float16: () => Uint16Array.from(numbers, numberToHalf),
    bfloat16: () => Uint16Array.from(numbers, numberToBfloat),
    int64: () => BigInt64Array.from(numbers, int64Of),
    uint64: () => BigUint64Array.from(numbers, BigInt),
    int32: () => Int32Array.from(numbers),
    uint32: () => Uint32Array.from(numbers),
    int16: () => Int16Array.from(numbers),
    uint16: () => Uint16Array.from(numbers),
    int8: () => Int8Array.from(numbers),
    uint8: () => Uint8Array.from(numbers),
    bool: () => Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1)),
    int4: () => pack(numbers, 4),
    uint4: () => pack(numbers, 4),
    int2: () => pack(numbers, 2),
    uint2: () => pack(numbers, 2),
  }
  const build = make[dtype]
  if (build === undefined) throw new TypeError(`a ${dtype} tensor cannot be made from numbers`)
  return tensorOf(dtype, dims, arrayBytes(build()))
}

function pack(values: readonly number[], bits: number): Uint8Array {
  const perByte = 8 / bits
  const mask = (1 << bits) - 1
  const bytes = new Uint8Array(Math.ceil(values.length / perByte))
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / perByte)
    bytes[at] = (bytes[at] ?? 0) | (((values[i] ?? 0) & mask) << ((i % perByte) * bits))
  }
  return bytes
}
