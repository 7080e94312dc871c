import type { DType } from '../ir/dtype.ts'
import { decode, type Fields } from './codec.ts'
import { type Builtin, builtinOf } from './operators.ts'
import { identifier } from './schema.ts'

/** A `.tflite` file as data: tensors refer to buffers, operators to tensors, both by position. */
export interface TfliteFile {
  readonly description: string
  /** Buffer 0 is empty: tensors without data point to it. */
  readonly buffers: readonly Uint8Array[]
  readonly subgraphs: readonly TfliteSubgraph[]
  readonly signatures: readonly TfliteSignature[]
  readonly metadata: readonly { readonly name: string; readonly buffer: number }[]
}

export interface TfliteSubgraph {
  readonly name: string
  readonly tensors: readonly TfliteTensor[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly operators: readonly TfliteOperator[]
}

export interface TfliteTensor {
  readonly name: string
  readonly dtype: DType
  /** -1 stands for a dimension that is known only when the model runs. */
  readonly shape: readonly number[]
  readonly buffer: number
  readonly quantization: TfliteQuantization | null
  readonly isVariable?: boolean
}

/** real = scale * (stored - zero point); several scales run along `axis`. */
export interface TfliteQuantization {
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  readonly axis: number
}

export interface TfliteOperator {
  /** A builtin operator, or `custom:<name>`, or `builtin:<number>` for one that Lathe does not know. */
  readonly operator: Builtin | `custom:${string}` | `builtin:${number}`
  /** As the runtime requires for the types and options used. */
  readonly version: number
  /** -1 stands for an optional input that is left out. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly options: Fields
  readonly intermediates?: readonly number[]
}

export interface TfliteSignature {
  readonly key: string
  readonly subgraph: number
  readonly inputs: readonly { readonly name: string; readonly tensor: number }[]
  readonly outputs: readonly { readonly name: string; readonly tensor: number }[]
}

const typeCodes: Partial<Record<DType, number>> = {
  float32: 0,
  float16: 1,
  int32: 2,
  uint8: 3,
  int64: 4,
  string: 5,
  bool: 6,
  int16: 7,
  complex64: 8,
  int8: 9,
  float64: 10,
  complex128: 11,
  uint64: 12,
  uint32: 15,
  uint16: 16,
  int4: 17,
  bfloat16: 18,
  int2: 19,
  uint4: 20,
}
const typeNames = new Map(Object.entries(typeCodes).map(([name, code]) => [code, name as DType]))

/** The number of an element type in the format. Throws for types that it does not have. */
export function typeCode(dtype: DType): number {
  const code = typeCodes[dtype]
  if (code === undefined) throw new RangeError(`the format has no element type ${dtype}`)
  return code
}

/** Reads a file's bytes. Throws a `RangeError` that says what is wrong when they are no `.tflite` file. */
export function decodeFile(bytes: Uint8Array): TfliteFile {
  if (bytes.byteLength < 8 || new TextDecoder('latin1').decode(bytes.subarray(4, 8)) !== identifier) {
    throw new RangeError(`the bytes do not carry the mark '${identifier}' of a .tflite file`)
  }
  const root = decode('Model', bytes)
  const codes = list(root.operatorCodes).map(operatorName)
  return {
    description: text(root.description),
    buffers: list(root.buffers).map((buffer) => bufferBytes(bytes, buffer)),
    subgraphs: list(root.subgraphs).map((subgraph) => readSubgraph(subgraph, codes)),
    signatures: list(root.signatures).map((each) => ({
      key: text(each.key),
      subgraph: number(each.subgraph),
      inputs: list(each.inputs).map(mapEntry),
      outputs: list(each.outputs).map(mapEntry),
    })),
    metadata: list(root.metadata).map((each) => ({ name: text(each.name), buffer: number(each.buffer) })),
  }
}

const list = (field: unknown): readonly Fields[] => (Array.isArray(field) ? field : [])
const numbers = (field: unknown): readonly number[] => (Array.isArray(field) ? field.map(Number) : [])
const text = (field: unknown): string => (typeof field === 'string' ? field : '')
const number = (field: unknown): number => (field === undefined ? 0 : Number(field))
const mapEntry = (entry: Fields): { name: string; tensor: number } => ({ name: text(entry.name), tensor: number(entry.tensor) })

function operatorName(fields: Fields): { operator: TfliteOperator['operator']; version: number } {
  const version = number(fields.version)
  const code = Math.max(number(fields.code), number(fields.deprecatedCode))
  if (code === 32) return { operator: `custom:${text(fields.customCode)}`, version }
  return { operator: builtinOf(code) ?? `builtin:${code}`, version }
}

/** Data inside the table, or, in files past 2 GiB, at an offset behind it. */
function bufferBytes(file: Uint8Array, buffer: Fields): Uint8Array {
  const offset = number(buffer.offset)
  if (offset > 1) return file.subarray(offset, offset + number(buffer.size))
  return buffer.data instanceof Uint8Array ? buffer.data : new Uint8Array(0)
}

function readSubgraph(fields: Fields, codes: readonly { operator: TfliteOperator['operator']; version: number }[]): TfliteSubgraph {
  return {
    name: text(fields.name),
    inputs: numbers(fields.inputs),
    outputs: numbers(fields.outputs),
    tensors: list(fields.tensors).map(readTensor),
    operators: list(fields.operators).map((each) => {
      const code = codes[number(each.opcode)]
      if (code === undefined) throw new RangeError(`an operator points to code ${number(each.opcode)} of ${codes.length}`)
      const { table: _, ...options } = (each.options ?? {}) as Fields
      return { ...code, inputs: numbers(each.inputs), outputs: numbers(each.outputs), options }
    }),
  }
}

function readTensor(fields: Fields): TfliteTensor {
  const dtype = typeNames.get(number(fields.type))
  if (dtype === undefined) throw new RangeError(`tensor '${text(fields.name)}' has the unknown element type ${number(fields.type)}`)
  const quantization = fields.quantization as Fields | undefined
  const scale = numbers(quantization?.scale)
  const signature = numbers(fields.shapeSignature)
  return {
    name: text(fields.name),
    dtype,
    shape: signature.length > 0 ? signature : numbers(fields.shape),
    buffer: number(fields.buffer),
    quantization: scale.length === 0 ? null : { scale, zeroPoint: numbers(quantization?.zeroPoint), axis: number(quantization?.axis) },
    ...(fields.isVariable === true ? { isVariable: true } : {}),
  }
}
