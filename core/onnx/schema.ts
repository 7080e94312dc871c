import type { Span } from './wire.ts'

/** Whole numbers of protobuf; a bigint where a number would lose digits. */
export type Int = number | bigint

/**
 * How a field is read and written: `text` UTF-8; `bytes` copied; `span` only its place in the file; `numbers` a repeated number field whose
 * elements stay in the file, as places with or without packing.
 */
export type FieldKind = 'int' | 'float' | 'text' | 'bytes' | 'span' | 'numbers' | Message<object>

export interface Field {
  readonly number: number
  readonly kind: FieldKind | (() => Message<object>)
  readonly repeated: boolean
}

/** A message of onnx.proto as a table: the fields Lathe has a form for. Others are kept, encoded, in `unknown`. */
export interface Message<T extends object> {
  readonly name: string
  readonly fields: { readonly [K in keyof Required<Omit<T, 'unknown'>>]: Field }
}

interface Extensible {
  /** Encoded fields that the table does not have. */
  unknown?: Uint8Array
}

/** A run of elements of a repeated number field; unpacked runs include the tags between the elements. */
export interface Run extends Span {
  readonly packed: boolean
}

export interface EntryProto extends Extensible {
  key?: string
  value?: string
}

export interface OpsetProto extends Extensible {
  domain?: string
  version?: Int
}

export interface TensorProto extends Extensible {
  dims: Int[]
  dataType?: Int
  segment?: Uint8Array
  floatData: Run[]
  int32Data: Run[]
  stringData: Run[]
  int64Data: Run[]
  name?: string
  rawData?: Span
  doubleData: Run[]
  uint64Data: Run[]
  externalData: EntryProto[]
  dataLocation?: Int
}

export interface SparseTensorProto extends Extensible {
  values?: TensorProto
  indices?: TensorProto
  dims: Int[]
}

export interface DimensionProto extends Extensible {
  value?: Int
  param?: string
}

export interface ShapeProto extends Extensible {
  dim: DimensionProto[]
}

export interface TensorTypeProto extends Extensible {
  elemType?: Int
  shape?: ShapeProto
}

export interface ElementTypeProto extends Extensible {
  elemType?: TypeProto
}

export interface MapTypeProto extends Extensible {
  keyType?: Int
  valueType?: TypeProto
}

export interface TypeProto extends Extensible {
  tensor?: TensorTypeProto
  sequence?: ElementTypeProto
  map?: MapTypeProto
  sparse?: TensorTypeProto
  optional?: ElementTypeProto
}

export interface ValueInfoProto extends Extensible {
  name?: string
  type?: Uint8Array
}

export interface AttributeProto extends Extensible {
  name?: string
  refName?: string
  type?: Int
  f?: number
  i?: Int
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  floats: number[]
  ints: Int[]
  strings: Uint8Array[]
  tensors: TensorProto[]
  graphs: GraphProto[]
}

export interface NodeProto extends Extensible {
  input: string[]
  output: string[]
  name?: string
  opType?: string
  attribute: AttributeProto[]
  doc?: string
  domain?: string
  overload?: string
  metadata: EntryProto[]
}

export interface GraphProto extends Extensible {
  node: NodeProto[]
  name?: string
  initializer: TensorProto[]
  sparseInitializer: SparseTensorProto[]
  doc?: string
  input: ValueInfoProto[]
  output: ValueInfoProto[]
  valueInfo: ValueInfoProto[]
  metadata: EntryProto[]
}

export interface FunctionProto extends Extensible {
  name?: string
  input: string[]
  output: string[]
  attribute: string[]
  node: NodeProto[]
  opset: OpsetProto[]
  domain?: string
  attributeDefaults: AttributeProto[]
  valueInfo: ValueInfoProto[]
  overload?: string
}

export interface ModelProto extends Extensible {
  irVersion?: Int
  producerName?: string
  producerVersion?: string
  domain?: string
  modelVersion?: Int
  doc?: string
  graph?: GraphProto
  opset: OpsetProto[]
  metadata: EntryProto[]
  functions: FunctionProto[]
}

const one = (number: number, kind: Field['kind']): Field => ({ number, kind, repeated: false })
const many = (number: number, kind: Field['kind']): Field => ({ number, kind, repeated: true })

export const entrySchema: Message<EntryProto> = { name: 'StringStringEntryProto', fields: { key: one(1, 'text'), value: one(2, 'text') } }

export const opsetSchema: Message<OpsetProto> = { name: 'OperatorSetIdProto', fields: { domain: one(1, 'text'), version: one(2, 'int') } }

export const tensorSchema: Message<TensorProto> = {
  name: 'TensorProto',
  fields: {
    dims: many(1, 'int'),
    dataType: one(2, 'int'),
    segment: one(3, 'bytes'),
    floatData: many(4, 'numbers'),
    int32Data: many(5, 'numbers'),
    stringData: many(6, 'numbers'),
    int64Data: many(7, 'numbers'),
    name: one(8, 'text'),
    rawData: one(9, 'span'),
    doubleData: many(10, 'numbers'),
    uint64Data: many(11, 'numbers'),
    externalData: many(13, entrySchema),
    dataLocation: one(14, 'int'),
  },
}

export const sparseSchema: Message<SparseTensorProto> = {
  name: 'SparseTensorProto',
  fields: { values: one(1, tensorSchema), indices: one(2, tensorSchema), dims: many(3, 'int') },
}

const dimensionSchema: Message<DimensionProto> = { name: 'Dimension', fields: { value: one(1, 'int'), param: one(2, 'text') } }
const shapeSchema: Message<ShapeProto> = { name: 'TensorShapeProto', fields: { dim: many(1, dimensionSchema) } }
const tensorTypeSchema: Message<TensorTypeProto> = {
  name: 'TypeProto.Tensor',
  fields: { elemType: one(1, 'int'), shape: one(2, shapeSchema) },
}
const elementTypeSchema: Message<ElementTypeProto> = { name: 'TypeProto.Sequence', fields: { elemType: one(1, () => typeSchema) } }
const mapTypeSchema: Message<MapTypeProto> = {
  name: 'TypeProto.Map',
  fields: { keyType: one(1, 'int'), valueType: one(2, () => typeSchema) },
}

export const typeSchema: Message<TypeProto> = {
  name: 'TypeProto',
  fields: {
    tensor: one(1, tensorTypeSchema),
    sequence: one(4, elementTypeSchema),
    map: one(5, mapTypeSchema),
    sparse: one(8, tensorTypeSchema),
    optional: one(9, elementTypeSchema),
  },
}

export const valueInfoSchema: Message<ValueInfoProto> = { name: 'ValueInfoProto', fields: { name: one(1, 'text'), type: one(2, 'bytes') } }

export const attributeSchema: Message<AttributeProto> = {
  name: 'AttributeProto',
  fields: {
    name: one(1, 'text'),
    f: one(2, 'float'),
    i: one(3, 'int'),
    s: one(4, 'bytes'),
    t: one(5, tensorSchema),
    g: one(6, () => graphSchema),
    floats: many(7, 'float'),
    ints: many(8, 'int'),
    strings: many(9, 'bytes'),
    tensors: many(10, tensorSchema),
    graphs: many(11, () => graphSchema),
    type: one(20, 'int'),
    refName: one(21, 'text'),
  },
}

export const nodeSchema: Message<NodeProto> = {
  name: 'NodeProto',
  fields: {
    input: many(1, 'text'),
    output: many(2, 'text'),
    name: one(3, 'text'),
    opType: one(4, 'text'),
    attribute: many(5, attributeSchema),
    doc: one(6, 'text'),
    domain: one(7, 'text'),
    overload: one(8, 'text'),
    metadata: many(9, entrySchema),
  },
}

export const graphSchema: Message<GraphProto> = {
  name: 'GraphProto',
  fields: {
    node: many(1, nodeSchema),
    name: one(2, 'text'),
    initializer: many(5, tensorSchema),
    doc: one(10, 'text'),
    input: many(11, valueInfoSchema),
    output: many(12, valueInfoSchema),
    valueInfo: many(13, valueInfoSchema),
    sparseInitializer: many(15, sparseSchema),
    metadata: many(16, entrySchema),
  },
}

const functionSchema: Message<FunctionProto> = {
  name: 'FunctionProto',
  fields: {
    name: one(1, 'text'),
    input: many(4, 'text'),
    output: many(5, 'text'),
    attribute: many(6, 'text'),
    node: many(7, nodeSchema),
    opset: many(9, opsetSchema),
    domain: one(10, 'text'),
    attributeDefaults: many(11, attributeSchema),
    valueInfo: many(12, valueInfoSchema),
    overload: one(13, 'text'),
  },
}

export const modelSchema: Message<ModelProto> = {
  name: 'ModelProto',
  fields: {
    irVersion: one(1, 'int'),
    producerName: one(2, 'text'),
    producerVersion: one(3, 'text'),
    domain: one(4, 'text'),
    modelVersion: one(5, 'int'),
    doc: one(6, 'text'),
    graph: one(7, graphSchema),
    opset: many(8, opsetSchema),
    metadata: many(14, entrySchema),
    functions: many(25, functionSchema),
  },
}
