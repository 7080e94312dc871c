import type { NodeView } from '../../core/api/graph-view.ts'
import type { GraphIndex } from './graph-index.ts'

const longestStack = 14

/**
 * Nodes of one group that stand in one box: a chain in which each node is the only reader of the one before it. Other inputs of a node
 * come in at its row. A short detour that closes again (x, Div, Erf, Add, Mul with x) stays in the box too.
 */
export function stacksOf(index: GraphIndex, nodes: readonly NodeView[]): NodeView[][] {
  const here = new Set(nodes.map(({ id }) => id))
  const taken = new Set<string>()
  return nodes.flatMap((head) => {
    if (taken.has(head.id)) return []
    const stack = [head]
    taken.add(head.id)
    for (;;) {
      const more = nextOf(index, stack, (node) => here.has(node.id) && !taken.has(node.id))
      if (more.length === 0 || stack.length + more.length > longestStack) return [stack]
      for (const node of more) taken.add(node.id)
      stack.push(...more)
    }
  })
}

/** The nodes that join the box next, none when it ends. */
function nextOf(index: GraphIndex, stack: readonly NodeView[], free: (node: NodeView) => boolean): NodeView[] {
  const tail = stack.at(-1)!
  if (tail.outputs.some((value) => index.outputs.has(value))) return []
  const readers = readersOf(index, tail)
  if (readers.length === 1) {
    const next = readers[0]!
    return free(next) && isMainInput(index, tail, next) ? [next] : []
  }
  return detourOf(index, tail, free)
}

const readersOf = (index: GraphIndex, node: NodeView): NodeView[] => [
  ...new Set(node.outputs.flatMap((value) => index.readers.get(value) ?? [])),
]

/** Of several inputs that only this node reads, none is the main one: their boxes stay side by side. */
function isMainInput(index: GraphIndex, from: NodeView, to: NodeView): boolean {
  const alone = to.inputs.filter((value) => index.readers.get(value)?.length === 1 && index.maker.has(value))
  return alone.every((value) => from.outputs.includes(value))
}

const longestDetour = 8

function detourOf(index: GraphIndex, tail: NodeView, free: (node: NodeView) => boolean): NodeView[] {
  const path: NodeView[] = []
  const made = new Set(tail.outputs)
  for (let from = tail; path.length < longestDetour; ) {
    const next = readersOf(index, from)
      .filter((node) => free(node) && !path.includes(node) && drawnInputs(index, node).every((value) => made.has(value)))
      .sort((a, b) => index.position.get(a.id)! - index.position.get(b.id)!)[0]
    if (!next || !drawnInputs(index, next).some((value) => from.outputs.includes(value))) return []
    path.push(next)
    for (const value of next.outputs) made.add(value)
    const open = [tail, ...path.slice(0, -1)].some((node) => readersOf(index, node).some((reader) => !path.includes(reader)))
    if (!open) return path
    if (next.outputs.some((value) => index.outputs.has(value))) return []
    from = next
  }
  return []
}

const drawnInputs = (index: GraphIndex, node: NodeView) => node.inputs.filter((value) => index.readers.has(value))
