import { byteLength, type DType } from '../ir/dtype.ts'
import { int64Tensor, typedArrayOf } from '../ir/numbers.ts'
import { countOf, lazyBlob, type Tensor, tensorAt } from '../ir/tensor.ts'
import type { ExternalFiles } from './external-data.ts'
import { exportAgain, graphProblem, unsupportedProblem } from './problems.ts'
import type { SparseTensorProto } from './schema.ts'
import { dimsFrom, tensorFromProto } from './tensor-proto.ts'

/** A sparse tensor in its stored form. */
export interface SparseTensor {
  readonly values: Tensor
  /** int64: [nonzeros] linear positions, or [nonzeros, rank] coordinates. */
  readonly indices: Tensor
  readonly dims: readonly number[]
}

const stored = new WeakMap<Tensor, SparseTensor>()

/** The sparse form that a dense tensor was read from, so that it is written back as such. */
export const sparseFormOf = (tensor: Tensor): SparseTensor | undefined => stored.get(tensor)

/** Dense tensors beyond this are not made in memory: a few stored bytes could ask for terabytes. */
const largestDense = 2 ** 31

/** Integers that indices are found in: the format says int64, and onnxruntime writes the narrowest that holds them into its optimized graphs. */
const indexTypes: ReadonlySet<DType> = new Set(['int64', 'int32', 'int16', 'int8'])

/** A sparse initializer as a tensor whose dense bytes are made when they are first read. */
export function sparseToDense(proto: SparseTensorProto, label: string, files: ExternalFiles): Tensor {
  const sparse = sparseFrom(proto, label, files)
  const { dtype } = sparse.values.ref
  const length = byteLength(dtype, countOf(sparse.dims))
  if (dtype === 'string' || byteLength(dtype, 1) * 8 !== byteLength(dtype, 8))
    throw unsupportedProblem('sparse-type', `The sparse tensor '${label}' holds ${dtype}`, { tensor: label }, 'Export it dense.')
  const positions = linearPositions(sparse, label)
  const tensor = tensorAt(
    lazyBlob(length, () => dense(sparse, positions, { label, dtype, length })),
    { offset: 0, length, dtype, dims: sparse.dims },
  )
  stored.set(tensor, sparse)
  return tensor
}

function sparseFrom(proto: SparseTensorProto, label: string, files: ExternalFiles): SparseTensor {
  const dims = dimsFrom(proto.dims, label)
  if (proto.values === undefined)
    throw graphProblem('bad-sparse-tensor', `The sparse tensor '${label}' has no values`, { tensor: label }, exportAgain)
  const values = tensorFromProto(proto.values, label, files)
  const indices = proto.indices === undefined ? int64Tensor([], [0]) : tensorFromProto(proto.indices, `${label} (indices)`, files)
  return { values, indices: asInt64(indices), dims }
}

/** Indices as the format wants them; those that are no signed integers stay, for the check of their fit. */
function asInt64(indices: Tensor): Tensor {
  const { dtype, dims } = indices.ref
  if (dtype === 'int64' || !indexTypes.has(dtype)) return indices
  return int64Tensor(Array.from(typedArrayOf(indices), Number), dims)
}

function linearPositions({ values, indices, dims }: SparseTensor, label: string): readonly number[] {
  const count = countOf(values.ref.dims)
  const linear = indices.ref.dims.length === 1
  const perValue = linear ? 1 : dims.length
  const wrong = (what: string) => graphProblem('bad-sparse-tensor', `The sparse tensor '${label}' ${what}`, { tensor: label }, exportAgain)
  if (indices.ref.dtype !== 'int64' || countOf(indices.ref.dims) !== count * perValue) throw wrong('has indices that do not fit its values')
  const bytes = indices.read()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (index: number) => Number(view.getBigInt64(8 * index, true))
  const extent = (axis: number) => (linear ? countOf(dims) : (dims[axis] as number))
  return Array.from({ length: count }, (_, value) => {
    let position = 0
    for (let axis = 0; axis < perValue; axis++) {
      const index = at(value * perValue + axis)
      if (index < 0 || index >= extent(axis)) throw wrong(`has the index ${index}, past its dimensions`)
      position = position * extent(axis) + index
    }
    return position
  })
}

function dense({ values }: SparseTensor, positions: readonly number[], to: { label: string; dtype: DType; length: number }): Uint8Array {
  if (to.length > largestDense) {
    const what = `The sparse tensor '${to.label}' would have ${to.length} bytes when dense`
    throw unsupportedProblem('sparse-too-large', what, { tensor: to.label }, 'Nothing here computes with sparse tensors of this size.')
  }
  const size = byteLength(to.dtype, 1)
  const bytes = new Uint8Array(to.length)
  const source = values.read()
  positions.forEach((position, index) => {
    bytes.set(source.subarray(index * size, (index + 1) * size), position * size)
  })
  return bytes
}
