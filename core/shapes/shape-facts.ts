import type { DType } from '../ir/dtype.ts'
import type { Dim, Shape, Value } from '../ir/value.ts'
import { sameDim } from './dim.ts'

/** The shape that a value's type says; `null` when its rank is not known or it is no tensor. */
export const shapeOf = (value: Value): Shape => (value.type?.kind === 'tensor' ? value.type.shape : null)

export const rankOf = (value: Value): number | null => shapeOf(value)?.length ?? null

export const dtypeOf = (value: Value): DType | null => (value.type?.kind === 'tensor' ? value.type.dtype : null)

/** Whether two shapes are certainly equal. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((dim, i) => sameDim(dim, b[i] ?? null))

/** Whether a shape is known to the last number. */
export const isStatic = (shape: Shape): shape is readonly number[] => shape?.every((dim) => typeof dim === 'number') ?? false

/**
 * The constant that makes a Reshape turn `from` into `to`: numbers, 0 for sizes that stay in their place, -1 for at most one other.
 * `null` when no constant does.
 */
export function reshapeTarget(from: Shape, to: Shape): readonly number[] | null {
  if (to === null) return null
  let open = 0
  const target = to.map((dim: Dim, i) => {
    if (typeof dim === 'number') return dim
    if (sameDim(dim, from?.[i] ?? null)) return 0
    open += 1
    return -1
  })
  return open > 1 || to.includes(0) ? null : target
}
