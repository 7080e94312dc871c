import type { Dim, Shape, ValueType } from './value.ts'

/** Whose symbols stay where both have one. People know inputs and outputs by the declared ones. */
export type Symbols = 'declared' | 'found'

/** What two types of one value say together: nothing that either knows is lost. `declared` itself when nothing was found beyond it. */
export function sharperType<T extends ValueType | null>(
  declared: T,
  found: ValueType | null,
  symbols: Symbols = 'declared',
): T | ValueType {
  if (found === null) return declared
  if (declared?.kind !== 'tensor' || found.kind !== 'tensor' || declared.dtype !== found.dtype) return found
  const shape = sharperShape(declared.shape, found.shape, symbols)
  return shape === declared.shape ? declared : { ...found, shape }
}

function sharperShape(declared: Shape, found: Shape, symbols: Symbols): Shape {
  if (declared === null || found === null) return found ?? declared
  if (declared.length !== found.length) return found
  const shape = found.map((dim, axis) => sharperDim(declared[axis] ?? null, dim, symbols))
  return shape.every((dim, axis) => dim === declared[axis]) ? declared : shape
}

function sharperDim(declared: Dim, found: Dim, symbols: Symbols): Dim {
  if (typeof found === 'number' || declared === null) return found
  return found === null || typeof declared === 'number' || symbols === 'declared' ? declared : found
}
