import type { Blob } from '../ir/tensor.ts'

/** Wire types of protobuf; groups (3 and 4) do not occur in ONNX. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** The bytes are not the protobuf message that was expected. `offset` counts from the start of the blob. */
export class WireError extends Error {
  readonly offset: number
  /** The bytes that are there are fine, but the blob ends before the message does. */
  readonly truncated: boolean
  constructor(message: string, offset: number, truncated = false) {
    super(message)
    this.offset = offset
    this.truncated = truncated
  }
}

/** A range of bytes of a blob. */
export interface Span {
  readonly blob: Blob
  readonly from: number
  readonly to: number
}

/** Bytes read at a time: few after a jump over weights, more and more while nothing is skipped. */
const windowSizes = { least: 1 << 12, most: 1 << 16 } as const
const maxVarintBytes = 10

/**
 * Walks over a protobuf message in a blob through a small window: what is skipped (weights above all) is never read.
 */
export class Cursor {
  readonly blob: Blob
  position: number
  #window: Buffer = Buffer.alloc(0)
  #start = 0
  #size: number = windowSizes.least

  constructor(blob: Blob, position = 0) {
    this.blob = blob
    this.position = position
  }

  /** A tag as field number and wire type. */
  tag(): { field: number; wire: number } {
    const at = this.position
    const tag = Number(this.varint())
    const wire = tag & 7
    const field = Math.floor(tag / 8)
    if (field === 0 || field > 0x1fffffff) throw new WireError(`field number ${field} cannot be`, at)
    return { field, wire }
  }

  /** An unsigned varint: a number where that is exact, else a bigint. */
  varint(): number | bigint {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return this.#longVarint(value)
  }

  /** An int32, int64 or enum: two's complement in 64 bits. */
  int(): number | bigint {
    const value = this.varint()
    if (typeof value === 'number') return value
    const signed = BigInt.asIntN(64, value)
    const number = Number(signed)
    return Number.isSafeInteger(number) ? number : signed
  }

  float(): number {
    return this.#take(4).readFloatLE()
  }

  /** The next `length` bytes as text; broken UTF-8 shows as U+FFFD. */
  text(length: number): string {
    return this.#take(length).toString('utf8')
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    return new Uint8Array(this.#take(length))
  }

  /** The range after a length prefix, which must end by `end`. The cursor stands at its start. */
  span(end: number): Span {
    const at = this.position
    const length = Number(this.varint())
    const from = this.position
    if (from + length > end) {
      throw new WireError(`a field of ${length} bytes does not fit into the ${end - from} that remain`, at, end === this.blob.size)
    }
    return { blob: this.blob, from, to: from + length }
  }

  /** Moves past a field whose tag has just been read. */
  skip(wire: number, end: number): void {
    const at = this.position
    if (wire === wireType.varint) this.varint()
    else if (wire === wireType.fixed64) this.position += 8
    else if (wire === wireType.fixed32) this.position += 4
    else if (wire === wireType.bytes) this.position = this.span(end).to
    else throw new WireError(`wire type ${wire} does not occur in ONNX`, at)
    if (this.position > end) throw new WireError('a field runs past the end of its message', at, end === this.blob.size)
  }

  #byte(): number {
    const index = this.position - this.#start
    if (index < 0 || index >= this.#window.length) {
      this.#load(1)
      return this.#byte()
    }
    this.position += 1
    return this.#window[index] as number
  }

  #take(length: number): Buffer {
    let index = this.position - this.#start
    if (index < 0 || index + length > this.#window.length) {
      this.#load(length)
      index = 0
    }
    this.position += length
    return this.#window.subarray(index, index + length)
  }

  #load(length: number): void {
    if (this.position + length > this.blob.size) throw new WireError('the file ends in the middle of a field', this.position, true)
    const ahead = this.#start + this.#window.length
    // Standing just behind the window, or in it, means that nothing was skipped.
    const isNext = this.position >= this.#start && this.position <= ahead
    this.#size = isNext ? Math.min(2 * this.#size, windowSizes.most) : windowSizes.least
    const to = Math.min(this.blob.size, this.position + Math.max(length, this.#size))
    const bytes = this.blob.read(this.position, to)
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#start = this.position
  }

  /** The rest of a varint whose first four bytes gave `low`. */
  #longVarint(low: number): number | bigint {
    const at = this.position
    let value = BigInt(low)
    for (let index = 4; index < maxVarintBytes; index++) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) {
        const whole = BigInt.asUintN(64, value)
        return whole <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(whole) : whole
      }
    }
    throw new WireError('a number has more than ten bytes', at)
  }
}
