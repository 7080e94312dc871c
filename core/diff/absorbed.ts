import type { Graph } from '../ir/graph.ts'
import type { Node } from '../ir/value.ts'

/**
 * For nodes with a twin: the nodes without one that compute for them alone, in order. Where every value that both models know has the same name,
 * as in a file converted from the other, the twin stands for all of them: Conv, BatchNormalization and Relu for one CONV_2D.
 */
export function absorbedNodes({ nodes }: Graph, hasTwin: (node: Node) => boolean): Map<Node, Node[]> {
  const owners = new Map<Node, Node>()
  for (const node of nodes.toReversed()) {
    const owner = hasTwin(node) ? node : soleOwner(node, owners)
    if (owner !== null) owners.set(node, owner)
  }
  const absorbed = new Map<Node, Node[]>()
  for (const node of nodes) {
    const owner = owners.get(node)
    if (owner !== undefined && owner !== node) absorbed.set(owner, [...(absorbed.get(owner) ?? []), node])
  }
  return absorbed
}

/** The node for which all readers of a node compute; `null` where there are several, or none. */
function soleOwner({ outputs }: Node, owners: ReadonlyMap<Node, Node>): Node | null {
  if (outputs.some(({ isOutput }) => isOutput)) return null
  const found = new Set(outputs.flatMap(({ uses }) => uses.map(({ node }) => owners.get(node))))
  const [owner] = found
  return found.size === 1 && owner !== undefined ? owner : null
}
