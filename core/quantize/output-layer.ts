import type { Graph } from '../ir/graph.ts'
import type { Node, Value } from '../ir/value.ts'

/**
 * The products that make an output of the model directly: the layer of logits. Its rounding errors meet no later layer that could average
 * them out. An output that sums up many products (the last hidden state of an encoder) has no such layer.
 */
export function outputLayers(graph: Graph, products: ReadonlySet<Node>): ReadonlySet<Node> {
  const found = new Set<Node>()
  for (const output of graph.outputs) {
    const [only, ...others] = productsBehind(output, products)
    if (only !== undefined && others.length === 0) found.add(only)
  }
  return found
}

function productsBehind(output: Value, products: ReadonlySet<Node>): Node[] {
  const found: Node[] = []
  const seen = new Set<Node>()
  const queue = [output]
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    const { producer } = value
    if (producer === null || seen.has(producer)) continue
    seen.add(producer)
    if (products.has(producer)) found.push(producer)
    else for (const input of producer.inputs) if (input !== null) queue.push(input)
  }
  return found
}
