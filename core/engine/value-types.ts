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

/** Beyond this many nodes a picture of the graph does not wait for inference: half a second for ten thousand. */
const quickly = 3000

/** The same for a picture of the whole graph, where it may take no time. */
export const typeAtHand = (model: Model, value: Value): ValueType | null =>
  value.type ?? (known.has(model) || model.graph.nodes.length <= quickly ? typeOf(model, value) : null)
