import type { Blob } from '../ir/tensor.ts'
import type { Field, Int, Message, Run } from './schema.ts'
import { Cursor, type Span, WireError, wireType } from './wire.ts'

/** Messages inside messages; the limit of protobuf's own parsers, which keeps hostile files from exhausting the stack. */
const deepest = 100
/** Messages in one file: far beyond any real model, and bounds the memory that a hostile file can ask for. */
const mostMessages = 20_000_000

interface FieldEntry extends Field {
  readonly key: string
}

interface Table {
  readonly fields: ReadonlyMap<number, FieldEntry>
  /** A message in which nothing is set yet. */
  readonly blank: Readonly<Record<string, unknown>>
}

/** What all empty repeated fields share: most are, and a list for each would be most of the memory that reading takes. */
const none: readonly unknown[] = Object.freeze([])

const tables = new WeakMap<object, Table>()

function tableOf(schema: Message<object>): Table {
  let table = tables.get(schema)
  if (table === undefined) {
    const entries = Object.entries(schema.fields as Record<string, Field>)
    const fields = new Map(entries.map(([key, field]) => [field.number, { ...field, key }]))
    table = { fields, blank: Object.fromEntries(entries.flatMap(([key, { repeated }]) => (repeated ? [[key, none]] : []))) }
    tables.set(schema, table)
  }
  return table
}

/** Reads one message from a range of a blob by its table. Throws `WireError`. */
export function decode<T extends object>(schema: Message<T>, blob: Blob, from = 0, to: number = blob.size): T {
  return new Decoder(blob, from).message(schema as Message<object>, to, 0) as T
}

type Fields = Record<string, unknown> & { unknown?: Uint8Array }

class Decoder {
  readonly #cursor: Cursor
  #count = 0

  constructor(blob: Blob, from: number) {
    this.#cursor = new Cursor(blob, from)
  }

  /** `into` is what an earlier part of the same message gave: protobuf merges them. */
  message(schema: Message<object>, end: number, depth: number, into?: Fields): Fields {
    this.#count += 1
    if (depth > deepest) throw new WireError(`messages are nested more than ${deepest} deep`, this.#cursor.position)
    if (this.#count > mostMessages) throw new WireError(`there are more than ${mostMessages} messages`, this.#cursor.position)
    const { fields, blank } = tableOf(schema)
    const message: Fields = into ?? { ...blank }
    const unknown: Span[] = []
    const at = { fields, end, depth, unknown }
    while (this.#cursor.position < end) this.#field(message, at)
    if (unknown.length > 0) message.unknown = Buffer.concat([message.unknown ?? new Uint8Array(0), this.#copy(unknown, end)])
    return message
  }

  #field(message: Fields, at: { fields: Table['fields']; end: number; depth: number; unknown: Span[] }): void {
    const cursor = this.#cursor
    const from = cursor.position
    const { field: number, wire } = cursor.tag()
    const field = at.fields.get(number)
    if (field === undefined || !fits(field, wire)) {
      cursor.skip(wire, at.end)
      at.unknown.push({ blob: cursor.blob, from, to: cursor.position })
    } else if (field.kind === 'numbers') {
      this.#run(listIn<Run>(message, field.key), { from, wire, end: at.end })
    } else if (field.repeated && wire === wireType.bytes && (field.kind === 'int' || field.kind === 'float')) {
      this.#packed(listIn<Int>(message, field.key), field.kind, at.end)
    } else {
      const value = this.#value(field, at, message[field.key])
      if (field.repeated) listIn(message, field.key).push(value)
      else message[field.key] = value
    }
    if (cursor.position > at.end) throw new WireError('a field runs past the end of its message', from, at.end === cursor.blob.size)
  }

  #value(field: FieldEntry, { end, depth }: { end: number; depth: number }, before: unknown): unknown {
    const cursor = this.#cursor
    const kind = typeof field.kind === 'function' ? field.kind() : field.kind
    if (kind === 'int') return cursor.int()
    if (kind === 'float') return cursor.float()
    const span = cursor.span(end)
    if (kind === 'text') return cursor.text(span.to - span.from)
    if (kind === 'bytes') return cursor.bytes(span.to - span.from)
    if (typeof kind === 'object') return this.message(kind, span.to, depth + 1, field.repeated ? undefined : (before as Fields | undefined))
    cursor.position = span.to
    return span
  }

  #packed(into: Int[], kind: 'int' | 'float', end: number): void {
    const { to } = this.#cursor.span(end)
    while (this.#cursor.position < to) into.push(kind === 'int' ? this.#cursor.int() : this.#cursor.float())
    if (this.#cursor.position > to) throw new WireError('a packed field does not end with its last element', to)
  }

  #run(runs: Run[], { from, wire, end }: { from: number; wire: number; end: number }): void {
    const cursor = this.#cursor
    if (wire === wireType.bytes) {
      const span = cursor.span(end)
      cursor.position = span.to
      runs.push({ ...span, packed: true })
      return
    }
    cursor.skip(wire, end)
    const last = runs[runs.length - 1]
    if (last !== undefined && !last.packed && last.to === from) runs[runs.length - 1] = { ...last, to: cursor.position }
    else runs.push({ blob: cursor.blob, from, to: cursor.position, packed: false })
  }

  /** The bytes of several ranges, one after the other. */
  #copy(spans: readonly Span[], end: number): Uint8Array {
    const parts = spans.map(({ from, to }) => {
      this.#cursor.position = from
      return this.#cursor.bytes(to - from)
    })
    this.#cursor.position = end
    return Buffer.concat(parts)
  }
}

/** The list of a repeated field, made when its first element comes. */
function listIn<T>(message: Fields, key: string): T[] {
  if (message[key] === none) message[key] = []
  return message[key] as T[]
}

/** Whether a field arrives in a form its kind can have; protobuf treats others as unknown fields. */
function fits(field: FieldEntry, wire: number): boolean {
  if (field.kind === 'numbers')
    return wire === wireType.bytes || wire === wireType.varint || wire === wireType.fixed32 || wire === wireType.fixed64
  if (wire === wireType.bytes) return field.repeated || (field.kind !== 'int' && field.kind !== 'float')
  if (field.kind === 'int') return wire === wireType.varint
  return field.kind === 'float' && wire === wireType.fixed32
}
