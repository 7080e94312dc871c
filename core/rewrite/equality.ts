import { numbersOf } from '../ir/numbers.ts'
import { sameTensor } from '../ir/same-tensor.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import { tolerance } from './pattern.ts'

/** Whether a capture is a value of the graph (and not a node, a number or nothing). */
export const isValue = (thing: unknown): thing is Value => typeof thing === 'object' && thing !== null && 'uses' in thing

/** Two captures of one name agree: the same node or value, close numbers, or small constants of the same content. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one === 'number' && typeof other === 'number') return isClose(one, other)
  if (!isValue(one) || !isValue(other) || one.constant === null || other.constant === null) return false
  return sameConstant(one.constant, other.constant)
}

/** Bytes of a constant up to which it is read to be compared. */
const mostCompared = 1024

function sameConstant(one: Tensor, other: Tensor): boolean {
  const samePlace = one.ref.blob === other.ref.blob && one.ref.offset === other.ref.offset
  return (samePlace || one.ref.length <= mostCompared) && sameTensor(one, other)
}

const scalars = new WeakMap<Tensor, number | null>()

/** The number in a tensor of one element; `null` for larger ones and types that are no numbers. Larger tensors are not read. */
export function scalarOf(tensor: Tensor): number | null {
  const { dtype, dims } = tensor.ref
  if (countOf(dims) !== 1 || /^(string|float8.*|float4.*|complex.*)$/.test(dtype)) return null
  let known = scalars.get(tensor)
  if (known === undefined) {
    known = numbersOf(tensor)[0] ?? null
    scalars.set(tensor, known)
  }
  return known
}

/** Whether two numbers are equal within the tolerance of constants in patterns. */
export const isClose = (one: number, other: number, within = tolerance): boolean =>
  one === other || Math.abs(one - other) <= within * Math.max(Math.abs(one), Math.abs(other))
