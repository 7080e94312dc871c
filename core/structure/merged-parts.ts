import type { Graph } from '../ir/graph.ts'
import type { Node, Value } from '../ir/value.ts'
import { type StaticNodes, staticNodes } from './static-nodes.ts'
import { hasWeights, isOuterProduct } from './weights.ts'

/** What lies between a node whose result forks and the node where the branches meet again, that one included. */
export interface MergedPart {
  readonly kind: 'residual' | 'branches'
  /** `null`: an input of the graph forks. */
  readonly fork: Node | null
  /** Where the branches meet; after it come only a normalization or an activation of the result. */
  readonly end: Node
  /** Whether nothing comes in but from the fork, masks and positions aside: cross attention reads an encoder. */
  readonly isWhole: boolean
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
  const producing = new Map(nodes.map((node) => [node, [...new Set(node.inputs.flatMap((input) => input?.producer ?? []))]]))
  const producers: Producers = (node) => producing.get(node)?.filter((producer) => order.has(producer)) ?? []
  // Weights behind a DequantizeLinear come from nowhere: paths from there say nothing.
  const statics = staticNodes(graph)
  const main = ways(graph, producers, besides(graph, statics), order)
  const all = ways(graph, producers, statics.constant, order)
  return nodes.flatMap((node) => {
    const whole = metAt(node, [main, all])
    const found = whole ?? addedTo(node, main.before, order) ?? addedToInput(node, main.before, order)
    if (found === null) return []
    const members = withOwn(found.part, producers, found.fork)
    const read = [...members].flatMap(producers)
    if (![...members, ...read.filter((producer) => statics.constant.has(producer))].some(hasWeights)) return []
    const inOrder = [...new Set([...members, ...activationsAfter(node)])].toSorted(
      (a, b) => (order.get(a) as number) - (order.get(b) as number),
    )
    const kind = sums.has(node.opType) ? ('residual' as const) : ('branches' as const)
    return [{ kind, fork: found.fork, end: node, isWhole: whole !== null || found.fork === null, nodes: inOrder }]
  })
}

interface Found {
  readonly fork: Node | null
  readonly part: readonly Node[]
}

/** The part that ends at a node, by what all paths to it go through, on the first ways that show it. */
function metAt(meeting: Node, several: readonly ReturnType<typeof ways>[]): Found | null {
  for (const { before, fork: forks } of several) {
    const fork = before(meeting).length > 1 ? forks.get(meeting) : null
    if (fork != null) {
      const part = between(fork, meeting, before)
      return part && { fork, part }
    }
  }
  return null
}

/** The part at whose end a value is added to what came of it, and perhaps of other values: cross attention reads an encoder too. */
function addedTo(sum: Node, before: Producers, order: ReadonlyMap<Node, number>): Found | null {
  if (!sums.has(sum.opType)) return null
  const last = order.get(sum) as number
  for (const fork of before(sum)) {
    const after = reachedFrom(fork.outputs, last, order)
    const others = before(sum).filter((other) => other !== fork && after?.has(other))
    if (after === null || others.length === 0) continue
    const part = between(fork, sum, (node) => before(node).filter((producer) => producer === fork || after.has(producer)))
    if (part !== null) return { fork, part }
  }
  return null
}

/** The part at whose end an input of the graph is added to what came of it: the first of a model that takes embedded tokens. */
function addedToInput(sum: Node, before: Producers, order: ReadonlyMap<Node, number>): Found | null {
  if (!sums.has(sum.opType)) return null
  for (const input of sum.inputs) {
    if (input === null || input.producer !== null || input.constant !== null) continue
    const after = reachedFrom([input], order.get(sum) as number, order)
    if (after === null || !before(sum).some((other) => after.has(other))) continue
    const part = between(null, sum, (node) => before(node).filter((producer) => after.has(producer)))
    // A mask is added time after time, to what else comes in too.
    if (part?.every((node) => before(node).every((producer) => after.has(producer)))) return { fork: null, part }
  }
  return null
}

/** Nodes that read values, or what comes of them, before a place in the graph; `null` when there are too many. */
function reachedFrom(values: readonly Value[], last: number, order: ReadonlyMap<Node, number>): ReadonlySet<Node> | null {
  const readers = (read: readonly Value[]) =>
    read.flatMap(({ uses }) => uses.flatMap(({ node }) => ((order.get(node) ?? last) < last ? [node] : [])))
  const found = new Set(readers(values))
  for (const node of found) {
    for (const reader of readers(node.outputs)) found.add(reader)
    if (found.size > mostNodes) return null
  }
  return found
}

type Producers = (node: Node) => readonly Node[]

/** The paths of a graph, without those that come from nodes that say nothing, and where they fork. */
function ways({ nodes }: Graph, producers: Producers, silent: ReadonlySet<Node>, order: ReadonlyMap<Node, number>) {
  const heard = new Map(nodes.map((node) => [node, producers(node).filter((producer) => !silent.has(producer))]))
  const before: Producers = (node) => heard.get(node) ?? []
  return { before, fork: dominators(nodes, before, order) }
}

/** Constants, shapes, and what comes of the inputs before any weights do: masks, positions. All layers may read them, and no path begins there. */
function besides({ nodes }: Graph, { constant, shape }: StaticNodes): ReadonlySet<Node> {
  const weighted = new Set<Node>()
  for (const node of nodes) {
    if (constant.has(node) || shape.has(node)) continue
    const isBehind = node.inputs.some((input) => input?.producer != null && weighted.has(input.producer))
    if (isBehind || (hasWeights(node) && !isOuterProduct(node))) weighted.add(node)
  }
  return new Set(nodes.filter((node) => !weighted.has(node)))
}

/**
 * The nearest node that all paths to a node go through, for each that has one; inputs and constants of the graph are no such node.
 * After K. Cooper, T. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm" (2001); one pass suffices without cycles.
 */
function dominators(nodes: readonly Node[], before: Producers, order: ReadonlyMap<Node, number>) {
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

/** Nodes of a part, with what only they read. */
function withOwn(part: readonly Node[], producers: Producers, fork: Node | null): ReadonlySet<Node> {
  const found = new Set(part)
  for (const node of found) {
    for (const producer of producers(node)) {
      if (producer !== fork && producer.outputs.every(({ uses, isOutput }) => !isOutput && uses.every((use) => found.has(use.node))))
        found.add(producer)
    }
  }
  return found
}

/** Nodes on the way from a fork to where its branches meet; `null` when there are too many. */
function between(fork: Node | null, meeting: Node, before: Producers): readonly Node[] | null {
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
