import { dtypeOfCode, onnxCode } from '../ir/dtype.ts'
import { memoryBlob } from '../ir/tensor.ts'
import type { Dim, Shape, ValueType } from '../ir/value.ts'
import { decode } from './decode.ts'
import { encodeBytes } from './encode.ts'
import { type DimensionProto, type Int, type ShapeProto, type TensorTypeProto, type TypeProto, typeSchema } from './schema.ts'

/**
 * Types that say more than `ValueType` can (denotations, opaque names, newer fields) keep their encoded form, by identity: a version that
 * still has the same type object writes the same bytes.
 */
const originals = new WeakMap<ValueType, Uint8Array>()

/** A type from its encoded `TypeProto`; `null` when it says nothing. */
export function typeFromBytes(bytes: Uint8Array): ValueType | null {
  const proto = decode(typeSchema, memoryBlob(bytes))
  const type = typeFrom(proto)
  if (type === null) return null
  if (type.kind === 'opaque' || saysMore(proto)) originals.set(type, bytes)
  return type
}

function typeFrom(proto: TypeProto | undefined): ValueType | null {
  if (proto === undefined) return null
  if (proto.tensor !== undefined) return tensorType('tensor', proto.tensor)
  if (proto.sparse !== undefined) return tensorType('sparse', proto.sparse)
  if (proto.sequence !== undefined) return { kind: 'sequence', element: typeFrom(proto.sequence.elemType) }
  if (proto.optional !== undefined) return { kind: 'optional', element: typeFrom(proto.optional.elemType) }
  if (proto.map !== undefined) {
    const key = dtypeOfCode(Number(proto.map.keyType ?? 0))
    return key === undefined ? { kind: 'opaque' } : { kind: 'map', key, value: typeFrom(proto.map.valueType) }
  }
  return proto.unknown === undefined ? null : { kind: 'opaque' }
}

function tensorType(kind: 'tensor' | 'sparse', { elemType, shape }: TensorTypeProto): ValueType {
  const dtype = dtypeOfCode(Number(elemType ?? 0))
  return dtype === undefined ? { kind: 'opaque' } : { kind, dtype, shape: shapeFrom(shape) }
}

function shapeFrom(shape: ShapeProto | undefined): Shape {
  if (shape === undefined) return null
  return shape.dim.map(dimFrom)
}

/** A size, a symbol, or unknown; negative sizes are how some exporters spell "unknown". */
function dimFrom({ value, param }: DimensionProto): Dim {
  if (value !== undefined) return Number(value) >= 0 && Number.isSafeInteger(Number(value)) ? Number(value) : null
  return param === undefined || param === '' ? null : param
}

/** Whether any message inside holds fields that the table does not have. */
function saysMore(proto: object): boolean {
  return Object.entries(proto).some(([key, value]) => {
    if (key === 'unknown') return value !== undefined
    return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && saysMore(value)
  })
}

export function typeToBytes(type: ValueType): Uint8Array {
  return originals.get(type) ?? encodeBytes(typeSchema, typeTo(type))
}

function typeTo(type: ValueType | null): TypeProto {
  switch (type?.kind) {
    case 'tensor':
      return { tensor: { elemType: onnxCode(type.dtype), ...shapeTo(type.shape) } }
    case 'sparse':
      return { sparse: { elemType: onnxCode(type.dtype), ...shapeTo(type.shape) } }
    case 'sequence':
      return { sequence: { elemType: typeTo(type.element) } }
    case 'optional':
      return { optional: { elemType: typeTo(type.element) } }
    case 'map':
      return { map: { keyType: onnxCode(type.key), valueType: typeTo(type.value) } }
    default:
      return {}
  }
}

function shapeTo(shape: Shape): { shape?: ShapeProto } {
  return shape === null ? {} : { shape: { dim: shape.map(dimTo) } }
}

function dimTo(dim: Dim): DimensionProto {
  if (dim === null) return {}
  return typeof dim === 'number' ? { value: dim as Int } : { param: dim }
}
