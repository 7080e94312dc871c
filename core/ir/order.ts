import type { GraphNode } from './elements.ts'
import { outerReads } from './walk.ts'

/**
 * Topological order of a graph's nodes (Kahn-free depth-first form, iterative), ties by `position`.
 * Values that a node's subgraphs read from this graph count as its inputs. Throws a `CycleError` that names a node on the cycle.
 */
export function sortNodes(nodes: ReadonlySet<GraphNode>): readonly GraphNode[] {
  const byPosition = [...nodes].sort((a, b) => a.position - b.position)
  return isTopological(byPosition, nodes) ? byPosition : depthFirst(byPosition, nodes)
}

/** Whether every node stands after its producers, as in almost every file and after almost every change. */
function isTopological(order: readonly GraphNode[], nodes: ReadonlySet<GraphNode>): boolean {
  const done = new Set<GraphNode>()
  const isReady = (producer: GraphNode | null | undefined) => !producer || done.has(producer) || !nodes.has(producer)
  for (const node of order) {
    for (const value of node.inputs) if (!isReady(value?.producer)) return false
    for (const value of outerReads(node)) if (!isReady(value.producer as GraphNode | null)) return false
    done.add(node)
  }
  return true
}

function depthFirst(byPosition: readonly GraphNode[], nodes: ReadonlySet<GraphNode>): readonly GraphNode[] {
  const state = new Map<GraphNode, 'open' | 'done'>()
  const order: GraphNode[] = []
  for (const root of byPosition) {
    const stack: GraphNode[] = [root]
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as GraphNode
      if (state.get(node) === 'done') {
        stack.pop()
        continue
      }
      const waiting = producersOf(node, nodes).filter((producer) => state.get(producer) !== 'done')
      if (waiting.length === 0) {
        state.set(node, 'done')
        order.push(node)
        stack.pop()
        continue
      }
      if (state.get(node) === 'open') throw new CycleError(node)
      state.set(node, 'open')
      for (let i = waiting.length - 1; i >= 0; i--) {
        const producer = waiting[i] as GraphNode
        if (state.get(producer) === 'open') throw new CycleError(producer)
        stack.push(producer)
      }
    }
  }
  return order
}

/** The graph's nodes depend on one another in a circle. */
export class CycleError extends Error {
  readonly node: GraphNode
  constructor(node: GraphNode) {
    super(`node '${node.name || node.id}' (${node.opType}) depends on its own output`)
    this.node = node
  }
}

function producersOf(node: GraphNode, within: ReadonlySet<GraphNode>): GraphNode[] {
  const producers: GraphNode[] = []
  for (const value of node.inputs) if (value?.producer && within.has(value.producer)) producers.push(value.producer)
  for (const value of outerReads(node)) {
    const producer = value.producer as GraphNode | null
    if (producer !== null && within.has(producer)) producers.push(producer)
  }
  return producers
}
