import { byteLength, type DType } from './dtype.ts'

/** Name of a sequence of bytes: `sha256:<hex>` in the store, `file:<path>` for a user's file, `memory:<n>` for what a pass just made. */
export type BlobId = string

/** Where a tensor's bytes lie. Plain data: it crosses threads, processes and a queue of workers. */
export interface TensorRef {
  readonly blob: BlobId
  /** Bytes from the start of the blob. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  readonly dtype: DType
  readonly dims: readonly number[]
}

/** Bytes that can be read by ranges, so that a tensor may pass 2 GiB and opening a model reads no weights. */
export interface Blob {
  readonly id: BlobId
  /** Bytes. */
  readonly size: number
  /** The bytes [from, to); the result may share memory with the blob and must not be written to. */
  read(from: number, to: number): Uint8Array
  /** Fills `into` with the bytes from `from` on, where that saves the memory of `read`. */
  readInto?(into: Uint8Array, from: number): void
  /** The file that is this blob, byte for byte, so that versions can share it by a hard link; absent for bytes in memory. */
  readonly path?: string
}

/** A constant of the model: immutable, lazily read, little-endian and dense as in `TensorProto.raw_data`. */
export interface Tensor {
  readonly ref: TensorRef
  readonly blob: Blob
  /** The bytes [from, to) of the tensor (not of the blob); without bounds all of them. */
  read(from?: number, to?: number): Uint8Array
  /** The elements of a `string` tensor (UTF-8), which has no `raw_data` form. */
  readonly strings?: readonly Uint8Array[]
  /** Encoded fields of the proto that this version does not know, and documentation; written back as they are. */
  readonly unknown?: Uint8Array
}

let memoryBlobs = 0

/** A blob over bytes in memory. The caller gives the bytes away and must not change them afterwards. */
export function memoryBlob(bytes: Uint8Array): Blob {
  memoryBlobs += 1
  return { id: `memory:${memoryBlobs}`, size: bytes.byteLength, read: (from, to) => bytes.subarray(from, to) }
}

/** A blob of `size` bytes in memory that are made when they are first read. */
export function lazyBlob(size: number, make: () => Uint8Array): Blob {
  memoryBlobs += 1
  let bytes: Uint8Array | null = null
  return {
    id: `memory:${memoryBlobs}`,
    size,
    read(from, to) {
      bytes ??= make()
      return bytes.subarray(from, to)
    },
  }
}

/** A tensor over a range of a blob. `offset` and `length` are bytes. */
export function tensorAt(blob: Blob, ref: Omit<TensorRef, 'blob'>, unknown?: Uint8Array): Tensor {
  const whole: TensorRef = { ...ref, blob: blob.id }
  return {
    ref: whole,
    blob,
    read: (from = 0, to = whole.length) => blob.read(whole.offset + from, whole.offset + to),
    ...(unknown === undefined ? {} : { unknown }),
  }
}

/** A tensor over bytes in memory, which must have exactly the length that type and dims ask for. */
export function tensorOf(dtype: DType, dims: readonly number[], bytes: Uint8Array): Tensor {
  const expected = byteLength(dtype, countOf(dims))
  if (bytes.byteLength !== expected) {
    throw new RangeError(`a ${dtype} tensor of [${dims.join(', ')}] has ${expected} bytes, not ${bytes.byteLength}`)
  }
  return tensorAt(memoryBlob(bytes), { offset: 0, length: bytes.byteLength, dtype, dims })
}

/** A `string` tensor. */
export function stringTensor(dims: readonly number[], strings: readonly Uint8Array[]): Tensor {
  if (strings.length !== countOf(dims))
    throw new RangeError(`a string tensor of [${dims.join(', ')}] has ${countOf(dims)} elements, not ${strings.length}`)
  const blob = memoryBlob(new Uint8Array(0))
  return { ...tensorAt(blob, { offset: 0, length: 0, dtype: 'string', dims }), strings }
}

/** Number of elements of a shape; 1 for a scalar. */
export function countOf(dims: readonly number[]): number {
  let count = 1
  for (const dim of dims) count *= dim
  return count
}
