import type { Graph } from '../ir/graph.ts'
import { sameTensor } from '../ir/same-tensor.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'

/** Nodes that have no twin, and what flows into them from outside. */
interface Region {
  readonly nodes: ReadonlySet<Node>
  /** Computed by nodes with a twin, or inputs of the model. */
  readonly border: ReadonlySet<Value>
}

/** What one node stands for is at most as much as this; what is larger is another network. */
const largest = 512
/** More than this is not a rewriting of one place: another backbone before a common head. */
const small = 12
/** Shorter constants are the same in any two models. */
const tellingBytes = 32

/**
 * For nodes without a twin: the nodes of the other model that they stand for. A region begins at a reader (or an output of the model) that both
 * sides share and goes up to the next nodes with a twin. That alone would make any two models one large fusion, so it must show
 * that it computes the same from the same: it begins at values that are matched as well, or reads the same weights.
 */
export function replacedRegions(a: Graph, b: Graph, matched: ReadonlyMap<Node, Node>): Map<Node, Node[]> {
  const twin = new Map([...matched].map(([node, other]) => [other, node]))
  const place = new Map(a.nodes.map((node, at) => [node, at]))
  const regions = new Map<Node, Node[]>()
  const taken = new Set<Node>()
  for (const node of [...b.nodes].reverse()) {
    if (twin.has(node)) continue
    const read = anchorOf(node, twin, taken)
    const anchor = read ?? outputAnchor(node, a, b)
    if (anchor === null || matched.has(anchor) || taken.has(anchor)) continue
    const before = regionUpTo(anchor, (each) => matched.has(each) || taken.has(each))
    const after = before && regionUpTo(node, (each) => twin.has(each))
    if (!before || !after || !isEvident({ before, after, twin, read: read !== null })) continue
    for (const part of before.nodes) taken.add(part)
    regions.set(
      node,
      [...before.nodes].sort((x, y) => place.get(x)! - place.get(y)!),
    )
  }
  return regions
}

/** For a node that computes an output of its model: the node that computes the same output of the other. */
function outputAnchor(node: Node, a: Graph, b: Graph): Node | null {
  const at = b.outputs.findIndex(({ producer }) => producer === node)
  return at < 0 ? null : (a.outputs[at]?.producer ?? null)
}

/** What feeds the twin of a reader at the place where `node` feeds that reader. */
function anchorOf(node: Node, twin: ReadonlyMap<Node, Node>, taken: ReadonlySet<Node>): Node | null {
  for (const output of node.outputs) {
    for (const use of output.uses) {
      const producer = twin.get(use.node)?.inputs[use.index]?.producer
      if (producer && !taken.has(producer)) return producer
    }
  }
  return null
}

/** A node and what it is computed from, up to where `isBorder`; `null` when that is more than one node can stand for. */
function regionUpTo(last: Node, isBorder: (node: Node) => boolean): Region | null {
  const nodes = new Set([last])
  const border = new Set<Value>()
  const queue = [last]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const input of at.inputs) {
      if (input === null || input.constant !== null) continue
      if (input.producer === null || isBorder(input.producer)) border.add(input)
      else if (!nodes.has(input.producer)) {
        nodes.add(input.producer)
        queue.push(input.producer)
      }
    }
    if (nodes.size > largest) return null
  }
  return { nodes, border }
}

interface Claim {
  /** The region of the first model, and that of the second. */
  readonly before: Region
  readonly after: Region
  readonly twin: ReadonlyMap<Node, Node>
  /** Whether a matched node reads both. */
  readonly read: boolean
}

function isEvident({ before, after, twin, read }: Claim): boolean {
  if (after.nodes.size > small) return false
  const begins = [...after.border].map((value) => beginsAt(value, before.border, twin))
  if (begins.includes('matched') || sharesWeights(before, after)) return true
  return read && begins.includes('input') && before.nodes.size <= small
}

/** How a value that a region reads is known to the other region: from a matched node, or as an input of the model with the same name. */
function beginsAt(value: Value, border: ReadonlySet<Value>, twin: ReadonlyMap<Node, Node>): 'matched' | 'input' | null {
  const { producer, name } = value
  if (producer === null) return [...border].some((other) => other.producer === null && other.name === name) ? 'input' : null
  const other = twin.get(producer)?.outputs[producer.outputs.indexOf(value)]
  return other !== undefined && border.has(other) ? 'matched' : null
}

function sharesWeights(before: Region, after: Region): boolean {
  const weights = weightsOf(before)
  return weightsOf(after).some((tensor) => weights.some((other) => sameTensor(tensor, other)))
}

const weightsOf = ({ nodes }: Region): Tensor[] => [...nodes].flatMap(tellingConstants)

/** Constants of a node that two models hardly have in common by chance: axes, shapes and single factors are not. */
export const tellingConstants = ({ inputs }: Node): Tensor[] =>
  inputs.flatMap((input) => (input?.constant && input.constant.ref.length >= tellingBytes ? [input.constant] : []))
