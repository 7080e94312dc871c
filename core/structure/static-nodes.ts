import type { Graph } from '../ir/graph.ts'
import { drawsRandomNumbers } from '../ir/random.ts'
import type { Node, Value } from '../ir/value.ts'
import { outerReads } from '../ir/walk.ts'

/** Nodes that say nothing about where time goes: what is computed from constants alone, and arithmetic on shapes. */
export interface StaticNodes {
  readonly constant: ReadonlySet<Node>
  readonly shape: ReadonlySet<Node>
}

export function staticNodes(graph: Graph): StaticNodes {
  const constant = new Set<Node>()
  const shape = new Set<Node>()
  for (const node of graph.nodes) {
    // What branches and loop bodies read from around them counts: a condition may be arithmetic on shapes where the branches carry numbers.
    // The second input of CastLike gives its type and no number.
    const read = node.opType === 'CastLike' ? node.inputs.slice(0, 1) : node.inputs
    const inputs = [...read.filter((input): input is Value => input !== null), ...outerReads(node)]
    const fixed = (producer: Node | null, kind: ReadonlySet<Node>) => producer !== null && kind.has(producer)
    const isConstant = inputs.every((input) => input.initializer !== null || fixed(input.producer, constant))
    if (isConstant && !drawsRandomNumbers(node)) constant.add(node)
    else if (node.opType === 'Shape' || node.opType === 'Size') shape.add(node)
    else if (inputs.every((input) => input.initializer !== null || fixed(input.producer, constant) || fixed(input.producer, shape)))
      shape.add(node)
  }
  return { constant, shape }
}
