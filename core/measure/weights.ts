import { createHash } from 'node:crypto'
import type { Graph } from '../ir/graph.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Node } from '../ir/value.ts'

/** Smaller constants (scales, axes, shapes) are shared by too many nodes to tell anything. */
const smallestTelling = 64
/** Bytes that are hashed of each end of a weight: enough to tell weights apart without reading all of them. */
const hashedBytes = 4096

/** Finds the nodes of a graph that own the weights of a kernel: by the name of the weight, else by its content. */
export function weightIndex(graph: Graph): (kernel: Node) => readonly Node[] {
  let byContent: ReadonlyMap<string, readonly Node[]> | null = null
  return (kernel) => {
    const weights = kernel.inputs.flatMap((input) => (input?.initializer && input.initializer.ref.length >= smallestTelling ? [input] : []))
    const named = weights.flatMap(({ name }) => owners(graph, name))
    if (named.length > 0 || weights.length === 0) return named
    byContent ??= contents(graph)
    const known = byContent
    return weights.flatMap(({ initializer }) => known.get(contentOf(initializer as Tensor)) ?? [])
  }
}

function owners(graph: Graph, name: string): Node[] {
  const value = graph.find(name)
  return value?.initializer ? value.uses.map(({ node }) => node).filter((node) => node.graph === graph) : []
}

function contents(graph: Graph): Map<string, Node[]> {
  const index = new Map<string, Node[]>()
  for (const value of graph.initializers) {
    const tensor = value.initializer as Tensor
    if (tensor.ref.length < smallestTelling) continue
    const key = contentOf(tensor)
    index.set(key, [...(index.get(key) ?? []), ...owners(graph, value.name)])
  }
  return index
}

function contentOf(tensor: Tensor): string {
  const { length, dtype } = tensor.ref
  const hash = createHash('sha256').update(tensor.read(0, Math.min(length, hashedBytes)))
  hash.update(tensor.read(Math.max(0, length - hashedBytes), length))
  return `${dtype} ${length} ${hash.digest('hex')}`
}
