import { byteLength, type DType } from '../ir/dtype.ts'
import { numbersOf, tensorFrom } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { TensorData } from './reducer.ts'

/** The same numbers in another element type. */
export function castTensor(tensor: TensorData, to: DType): TensorData {
  const { dtype, dims, data } = tensor
  if (dtype === to) return tensor
  return { dtype: to, dims, data: tensorFrom(to, dims, numbersOf(tensorOf(dtype, dims, data))).read() }
}

/** Transposes as ONNX's Transpose does: axis `perm[i]` of the tensor becomes axis `i`. Works on elements of whole bytes. */
export function permuteTensor({ dtype, dims, data }: TensorData, perm: readonly number[]): TensorData {
  const size = byteLength(dtype, 1)
  const strides = stridesOf(dims)
  const to = perm.map((axis) => dims[axis] as number)
  const steps = perm.map((axis) => strides[axis] as number)
  const out = new Uint8Array(data.length)
  const at = to.map(() => 0)
  let from = 0
  for (let target = 0; target < out.length; target += size) {
    for (let byte = 0; byte < size; byte++) out[target + byte] = data[from * size + byte] as number
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1
      from += steps[axis] as number
      if ((at[axis] as number) < (to[axis] as number)) break
      from -= (steps[axis] as number) * (to[axis] as number)
      at[axis] = 0
    }
  }
  return { dtype, dims: to, data: out }
}

/** Elements from one index of an axis to the next, row-major. */
function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1)
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] as number) * (dims[axis + 1] as number)
  return strides
}

/** The indices `kept` of an axis, in their order. Works on elements of whole bytes. */
export function selectTensor({ dtype, dims, data }: TensorData, axis: number, kept: readonly number[]): TensorData {
  const size = byteLength(dtype, 1)
  const inner = dims.slice(axis + 1).reduce((count, dim) => count * dim, size)
  const outer = dims.slice(0, axis).reduce((count, dim) => count * dim, 1)
  const out = new Uint8Array(outer * kept.length * inner)
  let at = 0
  for (let row = 0; row < outer; row++) {
    for (const index of kept) {
      const from = (row * (dims[axis] as number) + index) * inner
      out.set(data.subarray(from, from + inner), at)
      at += inner
    }
  }
  return { dtype, dims: dims.with(axis, kept.length), data: out }
}
