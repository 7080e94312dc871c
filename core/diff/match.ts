import { createHash } from 'node:crypto'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Attribute, Node, Value } from '../ir/value.ts'
import { subgraphsOf } from '../ir/walk.ts'
import { tellingConstants } from './regions.ts'

/** Bytes of a large weight that its fingerprint looks at, spread over the whole. */
const sampledBytes = 4096

/**
 * Pairs nodes of two models that have no recorded history in common, without guessing twice: first equal subtrees that are unique,
 * then equal names, then equal weights, then what stands at the same place beside a pair. Each node is in at most one pair; the nodes of
 * branches and loop bodies pair with those of the pair of the node that holds them.
 */
export function matchNodes(a: Model, b: Model): Map<Node, Node> {
  const pairs = new Map<Node, Node>()
  const queue: (readonly [Graph, Graph])[] = [[a.graph, b.graph]]
  for (const [graph, other] of queue) {
    const found = matchGraphs(graph, other)
    for (const [node, twin] of found) pairs.set(node, twin)
    queue.push(...subgraphPairs(found))
  }
  return pairs
}

/** The bodies of nodes that are a pair, each with the one in the same place. */
export function subgraphPairs(pairs: ReadonlyMap<Node, Node>): readonly (readonly [Graph, Graph])[] {
  return [...pairs].flatMap(([node, twin]) => {
    const inner = subgraphsOf(twin)
    return subgraphsOf(node).flatMap((subgraph, at) => (inner[at] === undefined ? [] : [[subgraph, inner[at]] as const]))
  })
}

function matchGraphs(a: Graph, b: Graph): Map<Node, Node> {
  const matching = new Matching(a, b)
  const [prints, otherPrints] = [fingerprints(a.nodes), fingerprints(b.nodes)]
  matching.byKey((node) => `${prints.get(node)?.whole ?? otherPrints.get(node)?.whole} ${node.name}`)
  matching.byKey((node) => (prints.get(node) ?? otherPrints.get(node))!.whole)
  matching.byKey((node) => (prints.get(node) ?? otherPrints.get(node))!.below)
  matching.byKey((node) => (node.name === '' ? null : `${node.opType} ${node.name}`))
  matching.byKey((node) => (node.outputs[0]?.name ? `${node.opType} ${node.outputs[0].name}` : null))
  // Without weights of their own, any two activations are alike: those are paired by what stands around them.
  matching.byKey((node) => (tellingConstants(node).length === 0 ? null : (prints.get(node) ?? otherPrints.get(node))!.own))
  matching.byKey(weightsKey)
  matching.spread()
  return matching.pairs
}

/** Pairs the nodes that compute the first of their values under the same name, whatever their operators. */
export function matchByResults(a: Model, b: Model): Map<Node, Node> {
  const matching = new Matching(a.graph, b.graph)
  matching.byKey((node) => node.outputs[0]?.name || null)
  return matching.pairs
}

/** Exporters write attributes that are the default or leave them out, and add a bias or not: the weights tell. */
function weightsKey(node: Node): string | null {
  const [largest] = tellingConstants(node).sort((x, y) => y.ref.length - x.ref.length)
  return largest === undefined ? null : `${node.domain} ${node.opType} ${tensorPrint(largest)}`
}

class Matching {
  readonly pairs = new Map<Node, Node>()
  readonly #taken = new Set<Node>()
  readonly #a: readonly Node[]
  readonly #b: readonly Node[]

  constructor(a: Graph, b: Graph) {
    this.#a = a.nodes
    this.#b = b.nodes
  }

  /** Pairs nodes whose key is the same; of several on both sides as many as there are, when they are equally many, in order. */
  byKey(keyOf: (node: Node) => string | null): void {
    const left = grouped(
      this.#a.filter((node) => !this.pairs.has(node)),
      keyOf,
    )
    const right = grouped(
      this.#b.filter((node) => !this.#taken.has(node)),
      keyOf,
    )
    for (const [key, nodes] of left) {
      const others = right.get(key)
      if (others === undefined || others.length !== nodes.length) continue
      nodes.forEach((node, at) => {
        this.#pair(node, others[at]!)
      })
    }
  }

  /** From every pair to its neighbours: the producer of the same input, the only reader of the same output with the same operator. */
  spread(): void {
    const queue = [...this.pairs]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [node, other] = next
      const found = [...producersBeside(node, other), ...readersBeside(node, other)]
      for (const [x, y] of found) {
        if (x.opType !== y.opType || x.domain !== y.domain || this.pairs.has(x) || this.#taken.has(y)) continue
        this.#pair(x, y)
        queue.push([x, y])
      }
    }
  }

  #pair(node: Node, other: Node): void {
    this.pairs.set(node, other)
    this.#taken.add(other)
  }
}

function grouped(nodes: readonly Node[], keyOf: (node: Node) => string | null): Map<string, Node[]> {
  const groups = new Map<string, Node[]>()
  for (const node of nodes) {
    const key = keyOf(node)
    if (key === null) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  return groups
}

function producersBeside(a: Node, b: Node): [Node, Node][] {
  return a.inputs.flatMap((input, index): [Node, Node][] => {
    const [x, y] = [input?.producer, b.inputs[index]?.producer]
    return x && y ? [[x, y]] : []
  })
}

function readersBeside(a: Node, b: Node): [Node, Node][] {
  return a.outputs.flatMap((output, index): [Node, Node][] => {
    const others = b.outputs[index]?.uses ?? []
    return output.uses.flatMap((use): [Node, Node][] => {
      const alike = ({ node }: { node: Node }) => node.opType === use.node.opType
      const twin = others.filter(alike)
      return twin.length === 1 && output.uses.filter(alike).length === 1 ? [[use.node, twin[0]!.node]] : []
    })
  })
}

interface Fingerprint {
  /** Operator, attributes and constants. */
  readonly own: string
  /** The node with all that it is computed from. */
  readonly below: string
  /** That, with all that is computed from it. */
  readonly whole: string
}

function fingerprints(nodes: readonly Node[]): Map<Node, Fingerprint> {
  const own = new Map(nodes.map((node) => [node, ownPrint(node)]))
  const below = new Map<Node, string>()
  for (const node of nodes) below.set(node, digest([own.get(node)!, ...node.inputs.map((input) => inputPrint(input, below))]))
  const above = new Map<Node, string>()
  for (const node of [...nodes].reverse()) {
    const readers = node.outputs.map((output) =>
      output.uses
        .map((use) => `${above.get(use.node) ?? ''}:${use.index}`)
        .sort()
        .join(','),
    )
    above.set(node, digest([own.get(node)!, ...readers]))
  }
  return new Map(
    nodes.map((node) => [node, { own: own.get(node)!, below: below.get(node)!, whole: digest([below.get(node)!, above.get(node)!]) }]),
  )
}

function inputPrint(input: Value | null, below: ReadonlyMap<Node, string>): string {
  if (input === null) return ''
  if (input.producer === null) return input.constant === null ? `input ${input.name}` : ''
  return `${below.get(input.producer) ?? ''}:${input.producer.outputs.indexOf(input)}`
}

function ownPrint(node: Node): string {
  const attributes = [...node.attributes].map(([name, attribute]) => `${name}=${attributePrint(attribute)}`).sort()
  const constants = node.inputs.map((input) => (input?.constant ? tensorPrint(input.constant) : ''))
  return digest([node.domain, node.opType, ...attributes, ...constants])
}

function attributePrint(attribute: Attribute): string {
  if (attribute.type === 'tensor') return tensorPrint(attribute.value)
  if (attribute.type === 'tensors') return attribute.value.map(tensorPrint).join()
  if (attribute.type === 'graph') return attribute.value.nodes.map(({ opType }) => opType).join()
  if (attribute.type === 'graphs') return attribute.value.flatMap(({ nodes }) => nodes.map(({ opType }) => opType)).join()
  return JSON.stringify(attribute.value)
}

/** A few bytes from all over a large tensor tell it from others; small ones are looked at whole. */
function tensorPrint(tensor: Tensor): string {
  const { dtype, dims, length } = tensor.ref
  const hash = createHash('sha1').update(`${dtype} ${dims.join('x')} `)
  const step = Math.max(sampledBytes / 8, Math.floor(length / 8))
  for (let at = 0; at < length; at += step) hash.update(tensor.read(at, Math.min(length, at + sampledBytes / 8)))
  for (const text of tensor.strings ?? []) hash.update(text)
  return hash.digest('hex')
}

function digest(parts: readonly string[]): string {
  return createHash('sha1').update(parts.join('\n')).digest('base64')
}
