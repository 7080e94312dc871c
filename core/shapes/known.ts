import { type DType, isFloat } from '../ir/dtype.ts'
import { bfloatToNumber, halfToNumber, numbersOf, numberToBfloat, numberToHalf, tensorFrom } from '../ir/numbers.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import type { Dim } from '../ir/value.ts'

/** What is known of a small tensor's content without running anything: numbers, dimension expressions, or unknown entries. Booleans are 0 and 1. */
export interface Known {
  readonly dtype: DType
  readonly dims: readonly number[]
  readonly entries: readonly Dim[]
}

/** Content of larger tensors is not followed. */
export const longestKnown = 4096

/** Element types whose arithmetic is followed. */
const followed: ReadonlySet<DType> = new Set([
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'uint32',
  'bool',
])

export const isFollowed = (dtype: DType): boolean => followed.has(dtype)

const cache = new WeakMap<Tensor, Known>()

/** The content of a small constant; `null` for large ones, which are not read. */
export function knownOf(tensor: Tensor): Known | null {
  const { dtype, dims } = tensor.ref
  if (!followed.has(dtype) || countOf(dims) > longestKnown) return null
  let known = cache.get(tensor)
  if (known === undefined) {
    known = { dtype, dims, entries: Array.from(numbersOf(tensor), (value) => (isFloat(dtype) || isSafe(value) ? value : null)) }
    cache.set(tensor, known)
  }
  return known
}

const isSafe = (value: number): boolean => Number.isSafeInteger(value) || Math.abs(value) === 2 ** 63

/** A tensor with this content; `null` when an entry is not a number. */
export function tensorOfKnown(known: Known): Tensor | null {
  if (known.entries.some((entry) => typeof entry !== 'number')) return null
  return tensorFrom(known.dtype, known.dims, known.entries as readonly number[])
}

/** A number as the element type holds it. */
export function rounded(value: number, dtype: DType): number {
  if (dtype === 'float32') return Math.fround(value)
  if (dtype === 'float16') return halfToNumber(numberToHalf(value))
  if (dtype === 'bfloat16') return bfloatToNumber(numberToBfloat(value))
  return value
}

/** The one entry of a tensor with one element; `null` when it is not known. */
export const onlyEntry = (known: Known | null): Dim => (known !== null && known.entries.length === 1 ? (known.entries[0] ?? null) : null)

/** Entries as numbers; `null` when one of them is not. */
export function numbersIn(known: Known | null): readonly number[] | null {
  return known?.entries.every((entry) => typeof entry === 'number') ? (known.entries as readonly number[]) : null
}

/** Strides of dense dims, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1)
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (dims[i + 1] as number)
  return strides
}

/** Rearranges entries: for each place of the result (its index along every axis), the flat position that it comes from. */
export function rearranged(known: Known, dims: readonly number[], from: (index: readonly number[]) => number): Known | null {
  const count = countOf(dims)
  if (count > longestKnown) return null
  const entries: Dim[] = []
  const index = new Array<number>(dims.length).fill(0)
  for (let i = 0; i < count; i++) {
    entries.push(known.entries[from(index)] ?? null)
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (dims[axis] as number)) break
      index[axis] = 0
    }
  }
  return { dtype: known.dtype, dims, entries }
}

/** The tensor broadcast to dims that it can be broadcast to. */
export function broadcastKnown(known: Known, dims: readonly number[]): Known | null {
  if (known.dims.length === dims.length && known.dims.every((dim, i) => dim === dims[i])) return known
  const strides = stridesOf(known.dims)
  const skip = dims.length - known.dims.length
  if (skip < 0) return null
  return rearranged(known, dims, (index) =>
    known.dims.reduce((sum, dim, i) => sum + (dim === 1 ? 0 : (index[i + skip] as number) * (strides[i] as number)), 0),
  )
}
