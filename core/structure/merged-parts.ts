import type { Graph } from '../ir/graph.ts'
import type { Node } from '../ir/value.ts'
import { staticNodes } from './static-nodes.ts'
import { hasWeights } from './weights.ts'

/** What lies between a value that forks and the node where its branches meet again, that node included. */
export interface MergedPart {
  readonly kind: 'residual' | 'branches'
  /** In the order of the graph. */
  readonly nodes: readonly Node[]
}

/** A part that is larger is the network itself. */
const mostNodes = 400

const sums: ReadonlySet<string> = new Set(['Add', 'Sum', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'QLinearAdd', 'ADD'])

/**
 * Parts of a network that fork and meet again with weights on the way: residual branches (what meets is added), and others, such as those that are
 * joined. Found by what every path to the meeting goes through, so names do not matter.
 */
export function mergedParts(graph: Graph): readonly MergedPart[] {
  const nodes = graph.nodes
  const order = new Map(nodes.map((node, i) => [node, i]))
  const producers = (node: Node): Node[] => [
    ...new Set(node.inputs.flatMap((input) => (input?.producer != null && order.has(input.producer) ? input.producer : []))),
  ]
  // Weights behind a DequantizeLinear come from nowhere: paths from there say nothing.
  const { constant: fixed } = staticNodes(graph)
  const before = (node: Node): Node[] => producers(node).filter((producer) => !fixed.has(producer))
  const fork = dominators(nodes, before, order)
  return nodes.flatMap((node) => {
    const from = before(node).length > 1 ? (fork.get(node) ?? null) : null
    const part = from === null ? null : between(from, node, before)
    if (part === null) return []
    const weights = part.flatMap((member) => producers(member).filter((producer) => fixed.has(producer)))
    if (![...part, ...weights].some(hasWeights)) return []
    const own = weights.filter(({ outputs }) => outputs.every(({ uses }) => uses.every((use) => part.includes(use.node))))
    const all = [...new Set([...part, ...own, ...activationsAfter(node)])].toSorted(
      (a, b) => (order.get(a) as number) - (order.get(b) as number),
    )
    return [{ kind: sums.has(node.opType) ? ('residual' as const) : ('branches' as const), nodes: all }]
  })
}

/**
 * The nearest node that all paths to a node go through, for each that has one; inputs and constants of the graph are no such node.
 * After K. Cooper, T. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm" (2001); one pass suffices without cycles.
 */
function dominators(nodes: readonly Node[], before: (node: Node) => readonly Node[], order: ReadonlyMap<Node, number>) {
  const nearest = new Map<Node, Node | null>()
  const common = (a: Node | null, b: Node | null): Node | null => {
    let [x, y] = [a, b]
    while (x !== y) {
      if (x === null || y === null) return null
      if ((order.get(x) as number) > (order.get(y) as number)) x = nearest.get(x) ?? null
      else y = nearest.get(y) ?? null
    }
    return x
  }
  for (const node of nodes) {
    const [first, ...others] = before(node)
    nearest.set(
      node,
      others.reduce<Node | null>((found, other) => common(found, other), first ?? null),
    )
  }
  return nearest
}

/** Nodes on the way from a fork to where its branches meet; `null` when there are too many. */
function between(fork: Node, meeting: Node, before: (node: Node) => readonly Node[]): readonly Node[] | null {
  const found = new Set([meeting])
  for (const node of found) {
    for (const other of before(node)) if (other !== fork) found.add(other)
    if (found.size > mostNodes) return null
  }
  return [...found]
}

const closing: ReadonlySet<string> = new Set([
  'BatchNormalization',
  'LayerNormalization',
  'Relu',
  'Clip',
  'LeakyRelu',
  'PRelu',
  'HardSwish',
  'RELU',
])

/** What alone goes on with the result: a normalization or an activation belongs to the part. */
function activationsAfter(meeting: Node): Node[] {
  const found: Node[] = []
  for (let last = meeting; ; ) {
    const [result] = last.outputs
    const next = result?.uses.length === 1 && !result.isOutput ? result.uses[0]?.node : undefined
    if (next === undefined || next.graph !== meeting.graph || !closing.has(next.opType)) return found
    found.push(next)
    last = next
  }
}
