import { ByteBuffer } from 'flatbuffers'
import { encode, type Fields } from './codec.ts'
import { type TfliteFile, type TfliteOperator, type TfliteSubgraph, type TfliteTensor, typeCode } from './file.ts'
import { type Builtin, codeOf, optionsOf } from './operators.ts'
import { identifier } from './schema.ts'

/** Constant data starts at multiples of this, as the schema asks, so that a runtime can map it. */
const dataAlignment = 16

/** Offsets inside the table have 32 bits, and readers take them with a sign. */
const tableLimit = 2 ** 31 - 1

/** Where constant data stands: as vectors of the table, or behind the table, which the format wants from 2 GiB on. */
export type DataPlace = 'inside' | 'behind'

/**
 * The bytes of a file, part by part: constant data is not copied. The same file gives the same bytes.
 * @param place `behind` from 2 GiB on unless given
 */
export function encodeParts(file: TfliteFile, place: DataPlace = sizeOf(file) > tableLimit ? 'behind' : 'inside'): Uint8Array[] {
  const table = tableOf(file, place)
  const view = new ByteBuffer(table)
  const entries = bufferTables(view)
  const parts = [padded(table)]
  let at = (parts[0] as Uint8Array).byteLength
  file.buffers.forEach((data, i) => {
    if (data.byteLength === 0) return
    const head = headOf(at, data.byteLength, place)
    at += head.byteLength
    point(view, entries[i] as number, { start: at, length: data.byteLength, place })
    parts.push(head, data)
    at += data.byteLength
  })
  // The table was padded into a copy before its offsets were known.
  ;(parts[0] as Uint8Array).set(table)
  return at % 4 === 0 ? parts : [...parts, new Uint8Array(4 - (at % 4))]
}

/** An upper bound for files of usual shape: data, and a generous share of the table for each tensor and operator. */
function sizeOf({ buffers, subgraphs }: TfliteFile): number {
  const entries = subgraphs.reduce((sum, { tensors, operators }) => sum + tensors.length + operators.length, 0)
  return buffers.reduce((sum, buffer) => sum + buffer.byteLength + 64, entries * 512 + 65536)
}

/** The table with empty stand-ins for constant data. */
function tableOf(file: TfliteFile, place: DataPlace): Uint8Array {
  const codes = new Map<string, number>()
  for (const { operators } of file.subgraphs)
    for (const each of operators) if (!codes.has(codeKey(each))) codes.set(codeKey(each), codes.size)
  const standIn: Fields = place === 'inside' ? { data: new Uint8Array(0) } : { offset: 1n, size: 1n }
  return encode(
    'Model',
    {
      version: 3,
      description: file.description,
      operatorCodes: [...codes.keys()].map(operatorCode),
      subgraphs: file.subgraphs.map((subgraph) => subgraphFields(subgraph, codes)),
      buffers: file.buffers.map((data) => (data.byteLength === 0 ? {} : standIn)),
      metadata: file.metadata.map((entry) => ({ ...entry })),
      signatures: file.signatures.map((signature) => ({ ...signature })),
    },
    identifier,
  )
}

/** Zeros up to the alignment of data. */
function padded(table: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(table.byteLength / dataAlignment) * dataAlignment)
  whole.set(table)
  return whole
}

/** What comes before data that would otherwise start at `at`: padding, and inside the table the length. */
function headOf(at: number, length: number, place: DataPlace): Uint8Array {
  const prefix = place === 'inside' ? 4 : 0
  const start = Math.ceil((at + prefix) / dataAlignment) * dataAlignment
  const head = new Uint8Array(start - at)
  if (prefix > 0) new DataView(head.buffer).setUint32(head.byteLength - prefix, length, true)
  return head
}

const slots = { data: 4, offset: 6, size: 8 } as const

/** Positions of the tables of buffers. */
function bufferTables(view: ByteBuffer): number[] {
  const root = view.readInt32(0)
  const field = view.__offset(root, 4 + 2 * 4)
  const first = view.__vector(root + field)
  return Array.from({ length: view.__vector_len(root + field) }, (_, i) => view.__indirect(first + 4 * i))
}

/** Makes a buffer's table point to its data. */
function point(view: ByteBuffer, table: number, { start, length, place }: { start: number; length: number; place: DataPlace }): void {
  const field = (slot: number): number => table + view.__offset(table, slot)
  if (place === 'inside') view.writeUint32(field(slots.data), start - 4 - field(slots.data))
  else {
    view.writeUint64(field(slots.offset), BigInt(start))
    view.writeUint64(field(slots.size), BigInt(length))
  }
}

const codeKey = ({ operator, version }: TfliteOperator): string => `${version} ${operator}`

/** Numbers past 127 do not fit the old field, which then holds a marker. */
const oldCodeLimit = 127

function operatorCode(key: string): Fields {
  const [version = '1', operator = ''] = key.split(' ')
  if (operator.startsWith('custom:')) return { deprecatedCode: 32, code: 32, customCode: operator.slice(7), version: Number(version) }
  const code = operator.startsWith('builtin:') ? Number(operator.slice(8)) : codeOf(operator as Builtin)
  return { deprecatedCode: Math.min(code, oldCodeLimit), code, version: Number(version) }
}

function subgraphFields({ name, tensors, inputs, outputs, operators }: TfliteSubgraph, codes: ReadonlyMap<string, number>): Fields {
  return { name, inputs, outputs, tensors: tensors.map(tensorFields), operators: operators.map((each) => operatorFields(each, codes)) }
}

function tensorFields({ name, dtype, shape, buffer, quantization, isVariable }: TfliteTensor): Fields {
  const dynamic = shape.some((dim) => dim < 0)
  return {
    name,
    type: typeCode(dtype),
    buffer,
    shape: shape.map((dim) => (dim < 0 ? 1 : dim)),
    hasRank: true,
    ...(dynamic ? { shapeSignature: shape } : {}),
    ...(isVariable === true ? { isVariable } : {}),
    ...(quantization === null
      ? {}
      : { quantization: { scale: quantization.scale, zeroPoint: quantization.zeroPoint.map(BigInt), axis: quantization.axis } }),
  }
}

function operatorFields(each: TfliteOperator, codes: ReadonlyMap<string, number>): Fields {
  const table = each.operator.includes(':') ? null : optionsOf(each.operator as Builtin)
  return {
    opcode: codes.get(codeKey(each)) ?? 0,
    inputs: each.inputs,
    outputs: each.outputs,
    ...(table === null ? {} : { options: { table, ...each.options } }),
    ...(each.intermediates === undefined ? {} : { intermediates: each.intermediates }),
  }
}
