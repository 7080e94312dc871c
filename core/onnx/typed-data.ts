import { bitsOf, byteLength, type DType } from '../ir/dtype.ts'
import type { Run, TensorProto } from './schema.ts'
import { Cursor, WireError } from './wire.ts'

/** The field that holds a type's elements when they are not raw: its key, and how an element is stored there. */
interface TypedField {
  readonly key: 'floatData' | 'doubleData' | 'int32Data' | 'int64Data' | 'uint64Data' | 'stringData'
  readonly stored: 'fixed32' | 'fixed64' | 'varint' | 'text'
  /** Stored elements for each element of the tensor. */
  readonly parts: number
}

export function typedFieldOf(dtype: DType): TypedField {
  switch (dtype) {
    case 'float32':
      return { key: 'floatData', stored: 'fixed32', parts: 1 }
    case 'complex64':
      return { key: 'floatData', stored: 'fixed32', parts: 2 }
    case 'float64':
      return { key: 'doubleData', stored: 'fixed64', parts: 1 }
    case 'complex128':
      return { key: 'doubleData', stored: 'fixed64', parts: 2 }
    case 'int64':
      return { key: 'int64Data', stored: 'varint', parts: 1 }
    case 'uint32':
    case 'uint64':
      return { key: 'uint64Data', stored: 'varint', parts: 1 }
    case 'string':
      return { key: 'stringData', stored: 'text', parts: 1 }
    default:
      return { key: 'int32Data', stored: 'varint', parts: 1 }
  }
}

export const hasTypedData = (proto: TensorProto): boolean =>
  [proto.floatData, proto.int32Data, proto.stringData, proto.int64Data, proto.doubleData, proto.uint64Data].some((runs) => runs.length > 0)

/** Elements that the runs of a field hold. Reads through varints, computes the rest. Throws `WireError`. */
export function storedCount(runs: readonly Run[], stored: TypedField['stored']): number {
  let count = 0
  for (const run of runs) count += countInRun(run, stored)
  return count
}

function countInRun(run: Run, stored: TypedField['stored']): number {
  if (stored === 'text') return 1
  const size = stored === 'varint' ? 0 : sizes[stored]
  if (size > 0 && run.packed) {
    if ((run.to - run.from) % size !== 0) throw new WireError(`a packed field is no multiple of ${size} bytes long`, run.from)
    return (run.to - run.from) / size
  }
  let count = 0
  eachElement(run, size, () => {
    count += 1
  })
  return count
}

const sizes = { fixed32: 4, fixed64: 8, text: 0 } as const

function eachElement(run: Run, size: number, take: (cursor: Cursor) => void): void {
  const cursor = new Cursor(run.blob, run.from)
  while (cursor.position < run.to) {
    if (!run.packed) cursor.tag()
    take(cursor)
    if (size > 0) cursor.position += size
    else cursor.varint()
    if (cursor.position > run.to) throw new WireError('a number runs past the end of its field', run.to)
  }
}

/** Stored elements that a tensor must have: sub-byte integers stand packed in `int32_data`, one byte an element of it. */
export function expectedStored(dtype: DType, count: number): number {
  const { parts, stored } = typedFieldOf(dtype)
  const bits = bitsOf(dtype)
  if (stored !== 'varint' || bits >= 8 || bits === 6) return count * parts
  return byteLength(dtype, count)
}

/** The bytes of typed data in the form of `raw_data`. `count` is the number of elements of the tensor. */
export function rawFrom(runs: readonly Run[], dtype: DType, count: number): Uint8Array {
  const { stored } = typedFieldOf(dtype)
  const out = Buffer.alloc(byteLength(dtype, count))
  return stored === 'varint' ? fromVarints(runs, dtype, out) : fromFixed(runs, sizes[stored], out)
}

function fromFixed(runs: readonly Run[], size: number, out: Buffer): Uint8Array {
  let at = 0
  const copy = (from: number, to: number, run: Run) => {
    out.set(run.blob.read(from, to), at)
    at += to - from
  }
  for (const run of runs) {
    if (run.packed) copy(run.from, run.to, run)
    else eachElement(run, size, (cursor) => copy(cursor.position, cursor.position + size, run))
  }
  return out
}

function fromVarints(runs: readonly Run[], dtype: DType, out: Buffer): Uint8Array {
  const values: (number | bigint)[] = []
  for (const run of runs) {
    const cursor = new Cursor(run.blob, run.from)
    while (cursor.position < run.to) {
      if (!run.packed) cursor.tag()
      values.push(cursor.varint())
    }
  }
  const bits = bitsOf(dtype)
  if (bits === 6) packSixBits(values, out)
  else values.forEach(storing(out, Math.max(1, bits / 8)))
  return out
}

function storing(out: Buffer, size: number): (value: number | bigint, index: number) => void {
  if (size === 8) return (value, index) => out.writeBigUInt64LE(BigInt(value), index * 8)
  const low = (value: number | bigint) => (typeof value === 'number' ? value : Number(BigInt.asUintN(32, value)))
  if (size === 4) return (value, index) => out.writeUInt32LE(low(value) >>> 0, index * 4)
  if (size === 2) return (value, index) => out.writeUInt16LE(low(value) & 0xffff, index * 2)
  return (value, index) => out.writeUInt8(low(value) & 0xff, index)
}

function packSixBits(values: readonly (number | bigint)[], out: Buffer): void {
  values.forEach((value, index) => {
    const bit = index * 6
    const shifted = (Number(value) & 0x3f) << (bit % 8)
    const at = Math.floor(bit / 8)
    out[at] = (out[at] ?? 0) | (shifted & 0xff)
    if (shifted > 0xff) out[at + 1] = (out[at + 1] ?? 0) | (shifted >> 8)
  })
}
