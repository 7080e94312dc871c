import type { Graph } from '../../ir/graph.ts'
import type { Model } from '../../ir/model.ts'
import { graphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'

/**
 * Removes what no output of the model needs: nodes, and constants that nobody reads. Inputs stay: they are the model's border. An operator of a
 * domain that is not known here goes like any other: what a model means are its outputs, and an effect that nothing reads is not among them.
 */
export const dropDeadCode: Sweep = {
  id: 'drop-dead-code',
  summary: 'No output needs it.',
  fidelity: 'exact',
  sweep: (model: Model) => [...graphsOf(model.graph)].reduce((count, graph) => count + deadNodes(graph) + deadConstants(graph), 0),
}

function deadNodes(graph: Graph): number {
  let count = 0
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((output) => output.isOutput || output.uses.length > 0)) continue
    graph.removeNode(node)
    count += 1
  }
  return count
}

function deadConstants(graph: Graph): number {
  const dead = graph.initializers.filter((value) => !value.isInput && !value.isOutput && value.uses.length === 0)
  for (const value of dead) graph.removeValue(value)
  return dead.length
}
