import { byteLength, type DType, dtypeOfCode, onnxCode } from '../ir/dtype.ts'
import { countOf, lazyBlob, memoryBlob, type Tensor, tensorAt } from '../ir/tensor.ts'
import { type ExternalFiles, externalRange } from './external-data.ts'
import { exportAgain, graphProblem, unsupportedProblem } from './problems.ts'
import type { EntryProto, Int, Run, TensorProto } from './schema.ts'
import { expectedStored, hasTypedData, rawFrom, storedCount, typedFieldOf } from './typed-data.ts'
import type { Span } from './wire.ts'

/** `TensorProto.DataLocation.EXTERNAL`. */
const externalCode = 1

/** A tensor of the file as a `Tensor` whose bytes stay where they are. `label` names it in problems. */
export function tensorFromProto(proto: TensorProto, label: string, files: ExternalFiles): Tensor {
  if (proto.segment !== undefined)
    throw unsupportedProblem('segmented-tensor', `Tensor '${label}' is stored in segments`, { tensor: label }, exportAgain)
  const dtype = dtypeFrom(proto.dataType, label)
  const dims = dimsFrom(proto.dims, label)
  const count = countOf(dims)
  if (dtype === 'string') return stringsFromProto(proto, { label, dims, count })
  const { blob, from, to } = placeOf(proto, { label, dtype, count, files })
  return tensorAt(blob, { offset: from, length: to - from, dtype, dims }, proto.unknown)
}

function placeOf(proto: TensorProto, tensor: { label: string; dtype: DType; count: number; files: ExternalFiles }): Span {
  const length = byteLength(tensor.dtype, tensor.count)
  const check = (span: Span): Span => {
    if (span.to - span.from !== length) throw lengthProblem(tensor.label, `${length} bytes`, `${span.to - span.from}`)
    return span
  }
  if (Number(proto.dataLocation ?? 0) === externalCode) return check(externalRange(proto.externalData, { ...tensor, length }))
  if (proto.rawData !== undefined && (proto.rawData.to > proto.rawData.from || !hasTypedData(proto))) return check(proto.rawData)
  return typedRange(proto, { ...tensor, length })
}

function typedRange(proto: TensorProto, tensor: { label: string; dtype: DType; count: number; length: number }): Span {
  const { key, stored } = typedFieldOf(tensor.dtype)
  const runs = proto[key] as readonly Run[]
  const expected = expectedStored(tensor.dtype, tensor.count)
  const found = storedCount(runs, stored)
  if (found !== expected) throw lengthProblem(tensor.label, `${expected} stored elements`, `${found}`)
  const [only] = runs
  if (runs.length === 1 && only?.packed && stored !== 'varint') return only
  return { blob: lazyBlob(tensor.length, () => rawFrom(runs, tensor.dtype, tensor.count)), from: 0, to: tensor.length }
}

function stringsFromProto(proto: TensorProto, { label, dims, count }: { label: string; dims: readonly number[]; count: number }): Tensor {
  if (proto.stringData.length !== count) throw lengthProblem(label, `${count} strings`, `${proto.stringData.length}`)
  const strings = proto.stringData.map(({ blob, from, to }) => blob.read(from, to))
  return { ...tensorAt(memoryBlob(new Uint8Array(0)), { offset: 0, length: 0, dtype: 'string', dims }, proto.unknown), strings }
}

const lengthProblem = (label: string, expected: string, found: string) =>
  graphProblem(
    'tensor-length',
    `Tensor '${label}' should have ${expected} for its dimensions, but has ${found}`,
    { tensor: label },
    exportAgain,
  )

export function dtypeFrom(code: Int | undefined, label: string): DType {
  const dtype = dtypeOfCode(Number(code ?? 0))
  if (dtype !== undefined) return dtype
  throw unsupportedProblem(
    'unknown-element-type',
    `Tensor '${label}' has the element type ${code ?? 0}, which is none that Lathe knows`,
    { tensor: label },
    'Export the model with an element type of the ONNX standard.',
  )
}

/** Dims as numbers; negative ones and products past 2^53 cannot be. */
export function dimsFrom(dims: readonly Int[], label: string): readonly number[] {
  const numbers = dims.map(Number)
  const wrong = numbers.find((dim) => dim < 0 || !Number.isSafeInteger(dim))
  const reason = wrong === undefined ? countReason(numbers) : `${wrong} is no size of a dimension`
  if (reason === null) return numbers
  throw graphProblem(
    'absurd-dimensions',
    `Tensor '${label}' has the dimensions [${numbers.join(', ')}], but ${reason}`,
    { tensor: label },
    exportAgain,
  )
}

const countReason = (dims: readonly number[]): string | null =>
  Number.isSafeInteger(16 * countOf(dims)) ? null : 'no tensor has so many elements'

/** The message of a tensor under a name: its bytes as a range in `raw_data`, or in the external file that `entries` name. */
export function tensorToProto(tensor: Tensor, name: string, entries?: readonly EntryProto[]): TensorProto {
  const { dtype, dims, offset, length } = tensor.ref
  const proto: TensorProto = {
    ...emptyTensor(),
    dims: [...dims],
    dataType: onnxCode(dtype),
    ...(name === '' ? {} : { name }),
    ...(tensor.unknown === undefined ? {} : { unknown: tensor.unknown }),
  }
  if (entries !== undefined) return { ...proto, externalData: [...entries], dataLocation: externalCode }
  if (tensor.strings !== undefined) {
    return { ...proto, stringData: tensor.strings.map((text) => ({ blob: memoryBlob(text), from: 0, to: text.byteLength, packed: true })) }
  }
  return { ...proto, rawData: { blob: tensor.blob, from: offset, to: offset + length } }
}

const emptyTensor = (): TensorProto => ({
  dims: [],
  floatData: [],
  int32Data: [],
  stringData: [],
  int64Data: [],
  doubleData: [],
  uint64Data: [],
  externalData: [],
})

/** Metadata of a message as a map and back. */
export const metadataFrom = (entries: readonly EntryProto[]): ReadonlyMap<string, string> =>
  entries.length === 0 ? noMetadata : new Map(entries.map(({ key = '', value = '' }) => [key, value]))

const noMetadata: ReadonlyMap<string, string> = new Map()

export const metadataTo = (metadata: ReadonlyMap<string, string>): EntryProto[] => [...metadata].map(([key, value]) => ({ key, value }))
