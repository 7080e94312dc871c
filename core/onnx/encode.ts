import type { Field, Int, Message, Run } from './schema.ts'
import { type Span, wireType } from './wire.ts'

/** What a file consists of: bytes that are at hand, and ranges of blobs that are copied when the file is written. */
export type Piece = Uint8Array | Span

export const lengthOf = (piece: Piece): number => (piece instanceof Uint8Array ? piece.byteLength : piece.to - piece.from)

/** Encoded bytes in order, with their whole length, so that messages can stand before it is known what follows. */
export class Encoded {
  readonly pieces: Piece[] = []
  length = 0

  add(piece: Piece): void {
    const length = lengthOf(piece)
    if (length === 0) return
    this.pieces.push(piece)
    this.length += length
  }

  append(other: Encoded): void {
    for (const piece of other.pieces) this.pieces.push(piece)
    this.length += other.length
  }
}

/** Encodes a message by its table, fields in the order of their numbers, unknown fields last: the same message gives the same bytes. */
export function encode<T extends object>(schema: Message<T>, message: T): Encoded {
  const out = new Encoded()
  for (const [key, field] of sortedFields(schema)) {
    const value = (message as Record<string, unknown>)[key]
    if (value === undefined) continue
    if (field.repeated) encodeRepeated(out, field, value as readonly unknown[])
    else encodeValue(out, field, value)
  }
  const { unknown } = message as { unknown?: Uint8Array }
  if (unknown !== undefined) out.add(unknown)
  return out
}

/** The bytes of a message without ranges of blobs in it. */
export function encodeBytes<T extends object>(schema: Message<T>, message: T): Uint8Array {
  return Buffer.concat(encode(schema, message).pieces.map(bytesOf))
}

const bytesOf = (piece: Piece): Uint8Array => (piece instanceof Uint8Array ? piece : piece.blob.read(piece.from, piece.to))

/** A length-delimited field around bytes that are encoded already. */
export function delimited(number: number, content: Encoded | Uint8Array): Encoded {
  const out = new Encoded()
  const length = content instanceof Uint8Array ? content.byteLength : content.length
  out.add(head(number, length))
  if (content instanceof Uint8Array) out.add(content)
  else out.append(content)
  return out
}

const sorted = new WeakMap<object, readonly (readonly [string, Field])[]>()

function sortedFields(schema: Message<object>): readonly (readonly [string, Field])[] {
  let fields = sorted.get(schema)
  if (fields === undefined) {
    fields = Object.entries(schema.fields as Record<string, Field>).sort((a, b) => a[1].number - b[1].number)
    sorted.set(schema, fields)
  }
  return fields
}

function encodeRepeated(out: Encoded, field: Field, values: readonly unknown[]): void {
  if (values.length === 0) return
  if (field.kind === 'int') out.append(delimited(field.number, Buffer.concat(values.map((value) => varint(value as Int)))))
  else if (field.kind === 'float') out.append(delimited(field.number, floats(values as readonly number[])))
  else if (field.kind === 'numbers') for (const run of values as readonly Run[]) encodeRun(out, field.number, run)
  else for (const value of values) encodeValue(out, field, value)
}

function encodeRun(out: Encoded, number: number, run: Run): void {
  if (run.packed) out.add(head(number, run.to - run.from))
  out.add(run)
}

function encodeValue(out: Encoded, field: Field, value: unknown): void {
  const kind = typeof field.kind === 'function' ? field.kind() : field.kind
  if (kind === 'int') {
    out.add(varint(field.number * 8 + wireType.varint))
    out.add(varint(value as Int))
  } else if (kind === 'float') {
    out.add(varint(field.number * 8 + wireType.fixed32))
    out.add(floats([value as number]))
  } else if (kind === 'text') out.append(delimited(field.number, Buffer.from(value as string, 'utf8')))
  else if (kind === 'bytes') out.append(delimited(field.number, value as Uint8Array))
  else if (typeof kind === 'object') out.append(delimited(field.number, encode(kind, value as object)))
  else {
    out.add(head(field.number, lengthOf(value as Span)))
    out.add(value as Span)
  }
}

/** Tag and length of a length-delimited field. */
function head(number: number, length: number): Uint8Array {
  return Buffer.concat([varint(number * 8 + wireType.bytes), varint(length)])
}

function floats(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeFloatLE(value, 4 * index)
  })
  return bytes
}

/** A varint; negative numbers take ten bytes, as int64. */
export function varint(value: Int): Uint8Array {
  if (typeof value === 'bigint' || value < 0) return longVarint(BigInt.asUintN(64, BigInt(value)))
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function longVarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
