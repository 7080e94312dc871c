import { Builder, ByteBuffer } from 'flatbuffers'
import { builtinOptions, type TableName, tables } from './schema.ts'

/** A table as plain data: fields by name; absent fields take the schema's default. */
export type Fields = { readonly [name: string]: Field | undefined }
export type Field = number | bigint | boolean | string | Uint8Array | Fields | readonly (number | bigint | boolean | Fields)[]

type Scalar = 'bool' | 'i8' | 'u8' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32'

interface Slot {
  readonly name: string
  readonly type: string
  readonly slot: number
  readonly fallback: number
}

const widths: Readonly<Record<Scalar, number>> = { bool: 1, i8: 1, u8: 1, i32: 4, u32: 4, f32: 4, i64: 8, u64: 8 }

const isScalar = (type: string): type is Scalar => Object.hasOwn(widths, type)

const layouts = new Map<TableName, { readonly slots: readonly Slot[]; readonly count: number }>()

function layoutOf(table: TableName): { readonly slots: readonly Slot[]; readonly count: number } {
  const known = layouts.get(table)
  if (known !== undefined) return known
  const slots: Slot[] = []
  let next = 0
  for (const entry of tables[table] === '' ? [] : tables[table].split(', ')) {
    const [name = '', spec = ''] = entry.split(' ')
    const [type = '', fallback = '0'] = spec.split('=')
    const slot = type.startsWith('union:') ? next + 1 : next
    next = slot + 1
    if (name !== '-') slots.push({ name, type, slot, fallback: Number(fallback) })
  }
  const layout = { slots, count: next }
  layouts.set(table, layout)
  return layout
}

/** Encodes a table as a file. Equal input gives equal bytes. */
export function encode(root: TableName, fields: Fields, identifier: string): Uint8Array {
  const builder = new Builder(65536)
  builder.finish(writeTable(builder, root, fields), identifier)
  return builder.asUint8Array()
}

function writeTable(builder: Builder, table: TableName, fields: Fields): number {
  const { slots, count } = layoutOf(table)
  const offsets = slots.map((slot) => writeChild(builder, slot, fields[slot.name]))
  builder.startObject(count)
  slots.forEach((slot, index) => {
    const value = fields[slot.name]
    const offset = offsets[index] ?? 0
    if (isScalar(slot.type)) writeScalar(builder, slot, value as number | bigint | boolean | undefined)
    else if (offset !== 0) {
      if (slot.type.startsWith('union:')) builder.addFieldInt8(slot.slot - 1, unionMember((value as Fields).table as TableName), 0)
      builder.addFieldOffset(slot.slot, offset, 0)
    }
  })
  return builder.endObject()
}

function writeChild(builder: Builder, slot: Slot, value: Field | undefined): number {
  if (value === undefined || isScalar(slot.type)) return 0
  if (slot.type === 'string') return builder.createString(value as string)
  if (slot.type === 'bytes') return builder.createByteVector(value as Uint8Array)
  if (slot.type.startsWith('[')) return writeVector(builder, slot.type.slice(1, -1), value as readonly Field[])
  if (slot.type.startsWith('union:')) return writeTable(builder, (value as Fields).table as TableName, value as Fields)
  return writeTable(builder, slot.type as TableName, value as Fields)
}

function writeScalar(builder: Builder, { type, slot, fallback }: Slot, value: number | bigint | boolean | undefined): void {
  if (value === undefined) return
  if (type === 'i64' || type === 'u64') builder.addFieldInt64(slot, BigInt(value), BigInt(fallback))
  else if (type === 'f32') builder.addFieldFloat32(slot, Number(value), fallback)
  else if (type === 'i32' || type === 'u32') builder.addFieldInt32(slot, Number(value), fallback)
  else builder.addFieldInt8(slot, Number(value), fallback)
}

function writeVector(builder: Builder, element: string, values: readonly Field[]): number {
  if (!isScalar(element)) {
    const offsets = values.map((value) => writeTable(builder, element as TableName, value as Fields))
    builder.startVector(4, offsets.length, 4)
    for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i] as number)
    return builder.endVector()
  }
  const width = widths[element]
  builder.startVector(width, values.length, width)
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] as number | bigint | boolean
    if (width === 8) builder.addInt64(BigInt(value))
    else if (element === 'f32') builder.addFloat32(Number(value))
    else if (width === 4) builder.addInt32(Number(value))
    else builder.addInt8(Number(value))
  }
  return builder.endVector()
}

function unionMember(table: TableName): number {
  for (const [member, name] of builtinOptions) if (name === table) return member
  throw new Error(`${table} is no member of the union of operator options`)
}

/** The table of a file as plain data; bytes share memory with the file. Union members carry their table's name as `table`. */
export function decode(root: TableName, bytes: Uint8Array): Fields {
  const buffer = new ByteBuffer(bytes)
  return readTable(buffer, root, buffer.readInt32(0))
}

function readTable(buffer: ByteBuffer, table: TableName, at: number): Fields {
  const fields: Record<string, Field | undefined> = {}
  for (const slot of layoutOf(table).slots) {
    const place = buffer.__offset(at, 4 + 2 * slot.slot)
    if (place === 0) {
      if (isScalar(slot.type) && slot.fallback !== 0) fields[slot.name] = slot.type === 'bool' ? true : slot.fallback
      continue
    }
    fields[slot.name] = readField(buffer, slot, { table: at, place: at + place })
  }
  return fields
}

function readField(buffer: ByteBuffer, { type, slot }: Slot, { table, place }: { table: number; place: number }): Field | undefined {
  if (isScalar(type)) return readScalar(buffer, type, place)
  if (type === 'string') return buffer.__string(place) as string
  if (type === 'bytes') return readBytes(buffer, place)
  if (type.startsWith('[')) return readVector(buffer, type.slice(1, -1), place)
  if (!type.startsWith('union:')) return readTable(buffer, type as TableName, buffer.__indirect(place))
  const kind = buffer.__offset(table, 4 + 2 * (slot - 1))
  const member = builtinOptions.get(kind === 0 ? 0 : buffer.readUint8(table + kind))
  return member === undefined ? undefined : { table: member, ...readTable(buffer, member, buffer.__indirect(place)) }
}

function readScalar(buffer: ByteBuffer, type: Scalar, place: number): number | bigint | boolean {
  switch (type) {
    case 'bool':
      return buffer.readInt8(place) !== 0
    case 'i8':
      return buffer.readInt8(place)
    case 'u8':
      return buffer.readUint8(place)
    case 'i32':
      return buffer.readInt32(place)
    case 'u32':
      return buffer.readUint32(place)
    case 'f32':
      return buffer.readFloat32(place)
    case 'i64':
      return buffer.readInt64(place)
    case 'u64':
      return buffer.readUint64(place)
  }
}

function readVector(buffer: ByteBuffer, element: string, place: number): readonly (number | bigint | boolean | Fields)[] {
  const start = buffer.__vector(place)
  const length = buffer.__vector_len(place)
  const width = isScalar(element) ? widths[element] : 4
  if (length < 0 || start + length * width > buffer.capacity()) throw new RangeError('a list reaches past the end of the file')
  return Array.from({ length }, (_, index) => {
    const at = start + index * width
    return isScalar(element) ? readScalar(buffer, element, at) : readTable(buffer, element as TableName, buffer.__indirect(at))
  })
}

function readBytes(buffer: ByteBuffer, place: number): Uint8Array {
  const start = buffer.__vector(place)
  const length = buffer.__vector_len(place)
  if (length < 0 || start + length > buffer.capacity()) throw new RangeError('a buffer reaches past the end of the file')
  return buffer.bytes().subarray(start, start + length)
}
