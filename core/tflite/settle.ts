import type { Model } from '../ir/model.ts'
import type { Node, Value } from '../ir/value.ts'
import { inferShapes, type Shapes } from '../shapes/infer.ts'
import { tensorOfKnown } from '../shapes/known.ts'

/**
 * A copy of the model in which everything that follows from shapes alone is a constant: exporters compute with shapes at run time,
 * the runtime of the file wants them fixed. Constants behind an Identity stand in its place.
 */
export function settled(model: Model): Model {
  const copy = model.fork()
  copy.lineage.recording = false
  const shapes = inferShapes(copy)
  for (const node of copy.graph.nodes) for (const output of node.outputs) settle(output, shapes)
  for (const node of [...copy.graph.nodes].reverse()) if (isDead(node)) copy.graph.removeNode(node)
  return copy
}

function settle(output: Value, shapes: Shapes): void {
  const { graph, producer } = output
  if (output.name === '' || producer === null) return
  const carried = producer.opType === 'Identity' ? (producer.inputs[0] ?? null) : null
  if (carried?.constant != null && !output.isOutput) {
    graph.replaceUses(output, carried)
    return
  }
  const known = shapes.known(output)
  const tensor = known === null ? null : tensorOfKnown(known)
  if (tensor !== null && !(output.isOutput && producer.opType === 'Identity'))
    graph.replaceUses(output, graph.addConstant(output.name, tensor))
}

const isDead = (node: Node): boolean => node.outputs.every((output) => output.uses.length === 0 && !output.isOutput)
