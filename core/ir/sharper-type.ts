import type { Dim, Shape, ValueType } from './value.ts'

/**
 * What two types of one value say together: nothing that either knows is lost. Symbols are the declared ones, for people know their inputs and
 * outputs by them.
 */
export function sharperType(declared: ValueType | null, found: ValueType | null): ValueType | null {
  if (declared?.kind !== 'tensor' || found?.kind !== 'tensor' || declared.dtype !== found.dtype) return found ?? declared
  return { ...found, shape: sharperShape(declared.shape, found.shape) }
}

function sharperShape(declared: Shape, found: Shape): Shape {
  if (declared === null || found === null) return found ?? declared
  if (declared.length !== found.length) return found
  return found.map((dim, axis) => sharperDim(declared[axis] as Dim, dim))
}

const sharperDim = (declared: Dim, found: Dim): Dim => (typeof found === 'number' ? found : (declared ?? found))
