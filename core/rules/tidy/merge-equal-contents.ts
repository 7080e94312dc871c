import type { Graph } from '../../ir/graph.ts'
import type { Value } from '../../ir/value.ts'
import { graphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'
import { inferShapes, type Shapes } from '../../shapes/infer.ts'

/** Values that certainly hold the same sizes, such as [batch, sequence, 64], are computed once, however often the exporter asked for them. */
export const mergeEqualContents: Sweep = {
  id: 'merge-equal-contents',
  summary: 'It holds the same sizes as a value before it.',
  fidelity: 'exact',
  sweep(model) {
    const shapes = inferShapes(model)
    return [...graphsOf(model.graph)].reduce((count, graph) => count + mergeIn(graph, shapes), 0)
  },
}

function mergeIn(graph: Graph, shapes: Shapes): number {
  const first = new Map<string, Value>()
  let count = 0
  for (const node of graph.nodes) {
    for (const value of node.outputs) {
      const key = value.uses.length === 0 ? null : contentOf(value, shapes)
      if (key === null) continue
      const same = first.get(key)
      if (same === undefined) first.set(key, value)
      else if (!value.isOutput) {
        graph.replaceUses(value, same)
        count += 1
      }
    }
  }
  return count
}

/** The content as text; `null` unless every entry is known and at least one is a symbol (numbers alone are for `fold-known`). */
function contentOf(value: Value, shapes: Shapes): string | null {
  const known = shapes.known(value)
  if (known === null || known.entries.includes(null) || known.entries.every((entry) => typeof entry === 'number')) return null
  return `${known.dtype}[${known.dims}] ${known.entries.join()}`
}
