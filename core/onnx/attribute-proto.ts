import type { Graph } from '../ir/graph.ts'
import { memoryBlob, type Tensor } from '../ir/tensor.ts'
import type { Attribute } from '../ir/value.ts'
import { decode } from './decode.ts'
import { encodeBytes } from './encode.ts'
import { type AttributeProto, attributeSchema, type GraphProto, type Int, type TensorProto } from './schema.ts'

/** `AttributeProto.AttributeType` by name. */
const codes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, tensors: 9, graphs: 10 } as const

type Kind = keyof typeof codes

const kindOf = new Map<number, Kind>(Object.entries(codes).map(([kind, code]) => [code, kind as Kind]))

/** Attributes whose message says more than `Attribute` can (documentation, newer fields), by identity of the attribute. */
const remainders = new WeakMap<Attribute, Uint8Array>()

/** How the reader makes of an attribute what needs more than its message. */
export interface AttributeParts {
  tensor(proto: TensorProto): Tensor
  /** `place` is the attribute's name, with `[i]` in a list of graphs. */
  graph(proto: GraphProto, place: string): Graph
}

export function attributeFrom(proto: AttributeProto, parts: AttributeParts): Attribute {
  const attribute = valueFrom(proto, parts)
  if (proto.unknown !== undefined && attribute.type !== 'encoded') remainders.set(attribute, proto.unknown)
  return attribute
}

function valueFrom(proto: AttributeProto, parts: AttributeParts): Attribute {
  const name = proto.name ?? ''
  switch (kindOf.get(Number(proto.type ?? 0)) ?? (proto.type === undefined ? guess(proto) : undefined)) {
    case 'float':
      return { type: 'float', value: proto.f ?? 0 }
    case 'int':
      return intFrom(proto.i ?? 0)
    case 'string':
      return stringFrom(proto.s ?? new Uint8Array(0))
    case 'tensor':
      return proto.t === undefined ? encodedFrom(proto) : { type: 'tensor', value: parts.tensor(proto.t) }
    case 'graph':
      return proto.g === undefined ? encodedFrom(proto) : { type: 'graph', value: parts.graph(proto.g, name) }
    case 'floats':
      return { type: 'floats', value: proto.floats }
    case 'ints':
      return intsFrom(proto.ints)
    case 'strings':
      return stringsFrom(proto.strings)
    case 'tensors':
      return { type: 'tensors', value: proto.tensors.map((tensor) => parts.tensor(tensor)) }
    case 'graphs':
      return { type: 'graphs', value: proto.graphs.map((graph, index) => parts.graph(graph, `${name}[${index}]`)) }
    default:
      return encodedFrom(proto)
  }
}

const encodedFrom = (proto: AttributeProto): Attribute => ({ type: 'encoded', value: encodeBytes(attributeSchema, proto) })

/** The kind of an attribute of a file older than the `type` field: whatever is set. */
function guess(proto: AttributeProto): Kind | undefined {
  const single: readonly (readonly [Kind, unknown])[] = [
    ['float', proto.f],
    ['int', proto.i],
    ['string', proto.s],
    ['tensor', proto.t],
    ['graph', proto.g],
  ]
  const lists = ['floats', 'ints', 'strings', 'tensors', 'graphs'] as const
  return single.find(([, value]) => value !== undefined)?.[0] ?? lists.find((kind) => proto[kind].length > 0)
}

const limits = new Set<Int>([9223372036854775807n, -9223372036854775808n])

function intFrom(value: Int): Attribute {
  if (typeof value === 'number' || limits.has(value)) return { type: 'int', value: Number(value) }
  return { type: 'int', value: Number(value), exact: value }
}

function intsFrom(values: readonly Int[]): Attribute {
  const value = values.map(Number)
  if (values.every((entry) => typeof entry === 'number' || limits.has(entry))) return { type: 'ints', value }
  return { type: 'ints', value, exact: values.map(BigInt) }
}

function stringFrom(bytes: Uint8Array): Attribute {
  const value = textOf(bytes)
  return sameText(value, bytes) ? { type: 'string', value } : { type: 'string', value, bytes }
}

function stringsFrom(strings: readonly Uint8Array[]): Attribute {
  const value = strings.map(textOf)
  const plain = value.every((text, index) => sameText(text, strings[index] as Uint8Array))
  return plain ? { type: 'strings', value } : { type: 'strings', value, bytes: strings }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** Whether text gives back its bytes; broken UTF-8 shows as U+FFFD and would not. */
const sameText = (text: string, bytes: Uint8Array): boolean => !text.includes('\ufffd') || Buffer.from(text).equals(bytes)

/** How the writer encodes what an attribute holds. */
export interface AttributeEncoders {
  tensor(tensor: Tensor): TensorProto
  graph(graph: Graph): GraphProto
}

/** The message of an attribute. */
export function attributeTo(name: string, attribute: Attribute, encoders: AttributeEncoders): AttributeProto {
  if (attribute.type === 'encoded') return decode(attributeSchema, memoryBlob(attribute.value))
  const unknown = remainders.get(attribute)
  return {
    ...{ floats: [], ints: [], strings: [], tensors: [], graphs: [] },
    name,
    type: codes[attribute.type],
    ...contentTo(attribute, encoders),
    ...(unknown === undefined ? {} : { unknown }),
  }
}

function contentTo(attribute: Exclude<Attribute, { type: 'encoded' }>, encoders: AttributeEncoders): Partial<AttributeProto> {
  switch (attribute.type) {
    case 'float':
      return { f: attribute.value }
    case 'int':
      return { i: attribute.exact ?? intTo(attribute.value) }
    case 'string':
      return { s: attribute.bytes ?? Buffer.from(attribute.value) }
    case 'tensor':
      return { t: encoders.tensor(attribute.value) }
    case 'graph':
      return { g: encoders.graph(attribute.value) }
    case 'floats':
      return { floats: [...attribute.value] }
    case 'ints':
      return { ints: attribute.exact === undefined ? attribute.value.map(intTo) : [...attribute.exact] }
    case 'strings':
      return { strings: attribute.bytes === undefined ? attribute.value.map((text) => Buffer.from(text)) : [...attribute.bytes] }
    case 'tensors':
      return { tensors: attribute.value.map((tensor) => encoders.tensor(tensor)) }
    case 'graphs':
      return { graphs: attribute.value.map((graph) => encoders.graph(graph)) }
  }
}

/** Numbers at or past the limits of int64 are those limits, as `Attribute` spells them. */
function intTo(value: number): Int {
  if (value >= 2 ** 63) return 9223372036854775807n
  if (value <= -(2 ** 63)) return -9223372036854775808n
  return Number.isSafeInteger(value) ? value : BigInt(Math.round(value))
}
