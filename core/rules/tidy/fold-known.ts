import type { Model } from '../../ir/model.ts'
import type { Node, Value } from '../../ir/value.ts'
import { graphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'
import { inferShapes, type Shapes } from '../../shapes/infer.ts'
import { tensorOfKnown } from '../../shapes/known.ts'

/** Values whose content follows from shapes and small constants become constants: no runtime is needed for exporters' shape arithmetic. */
export const foldKnown: Sweep = {
  id: 'fold-known',
  summary: 'Its content follows from known shapes and constants.',
  fidelity: 'exact',
  sweep(model: Model) {
    const shapes = inferShapes(model)
    let count = 0
    for (const graph of graphsOf(model.graph)) {
      for (const node of graph.nodes) {
        const folded = node.outputs.filter((output) => output.uses.length > 0 && fold(output, shapes))
        count += folded.length
        if (folded.length > 0) removeIdle(node)
      }
    }
    return count
  },
}

/** Removes a node that nobody reads any more, and what only it read. */
function removeIdle(node: Node): void {
  if (!node.graph.has(node) || node.outputs.some((output) => output.isOutput || output.uses.length > 0)) return
  const producers = node.inputs.flatMap((value) => value?.producer ?? [])
  node.graph.removeNode(node)
  for (const producer of producers) removeIdle(producer)
}

function fold(value: Value, shapes: Shapes): boolean {
  // A graph must compute what it gives out.
  if (value.isOutput) return false
  const known = shapes.known(value)
  const tensor = known === null ? null : tensorOfKnown(known)
  if (tensor === null) return false
  const { graph, name } = value
  graph.replaceUses(value, graph.addConstant(`${name}_folded`, tensor))
  return true
}
