import type { Graph } from './graph.ts'
import type { Node, Value } from './value.ts'

/** The subgraphs that a node holds in its attributes, in attribute order. */
export function subgraphsOf(node: Node): readonly Graph[] {
  const found: Graph[] = []
  for (const attribute of node.attributes.values()) {
    if (attribute.type === 'graph') found.push(attribute.value)
    else if (attribute.type === 'graphs') found.push(...attribute.value)
  }
  return found
}

/** Every graph of a tree: the graph itself, then the subgraphs of its nodes, outer before inner. */
export function* graphsOf(graph: Graph): Generator<Graph> {
  yield graph
  for (const node of graph.nodes) for (const subgraph of subgraphsOf(node)) yield* graphsOf(subgraph)
}

/** Every node of a graph and of all subgraphs in it, a holder before what it holds. */
export function* allNodes(graph: Graph): Generator<Node> {
  for (const inner of graphsOf(graph)) yield* inner.nodes
}

/** Values of graphs around a node's subgraphs that those subgraphs read: the node's implicit inputs. */
export function outerReads(node: Node): readonly Value[] {
  const subgraphs = subgraphsOf(node)
  if (subgraphs.length === 0) return []
  const found = new Set<Value>()
  for (const subgraph of subgraphs) {
    const inside = new Set<Graph>(graphsOf(subgraph))
    for (const graph of inside) {
      for (const inner of graph.nodes) for (const value of inner.inputs) if (value !== null && !inside.has(value.graph)) found.add(value)
    }
  }
  return [...found]
}

/** Every value of a graph and of all subgraphs in it. */
export function* allValues(graph: Graph): Generator<Value> {
  for (const inner of graphsOf(graph)) yield* inner.values
}
