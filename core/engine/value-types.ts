import type { Model } from '../ir/model.ts'
import type { Value, ValueType } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { inferShapes } from '../shapes/infer.ts'

const known = new WeakMap<Model, ReadonlyMap<string, ValueType>>()

/** Types of a version's values by name: what the file declares, and what follows from that where it says nothing. */
export function typesOf(model: Model): ReadonlyMap<string, ValueType> {
  const found = known.get(model)
  if (found !== undefined) return found
  const fork = model.fork()
  inferShapes(fork)
  const types = new Map<string, ValueType>()
  for (const graph of graphsOf(fork.graph)) for (const value of graph.values) if (value.type !== null) types.set(value.name, value.type)
  known.set(model, types)
  return types
}

/** The type of a value where it stands, else the inferred one. */
export const typeOf = (model: Model, value: Value): ValueType | null => value.type ?? typesOf(model).get(value.name) ?? null
