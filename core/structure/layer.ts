import type { Model } from '../ir/model.ts'
import type { Node, NodeId, Value } from '../ir/value.ts'
import { Continuation } from './continuation.ts'
import { roleOf } from './role.ts'
import { scopeOf } from './scope.ts'
import { type StaticNodes, staticNodes } from './static-nodes.ts'
import { UnionFind } from './union-find.ts'
import { weightsOf } from './weights.ts'

/** A part of the network that people think of as one thing: a convolution with its norm, a linear layer, the arithmetic of one attention. */
export interface Layer {
  /** Stable for a model as opened: the id of its first node. */
  readonly id: string
  /** Unique: the scope that the exporter wrote down, else the name of the weight, else operator and position. */
  readonly name: string
  readonly role: string
  /** Nodes of the main graph, in order. */
  readonly nodes: readonly NodeId[]
}

/**
 * The layers of a model: connected nodes of one scope are a layer; without scopes a layer is what continues one value (a convolution with its bias, norm
 * and activation), and what only it reads: weights behind a DequantizeLinear, arithmetic on shapes. Every node of the main graph is in exactly one layer.
 */
export function layersOf(model: Model): readonly Layer[] {
  const { nodes } = model.graph
  const statics = staticNodes(model.graph)
  const index = new Map(nodes.map((node, i) => [node, i]))
  const groups = new UnionFind(nodes.length)
  const groupOf = (node: Node) => groups.root(index.get(node) ?? -1)
  const join = (a: Node, b: Node) => groups.join(index.get(a) ?? -1, index.get(b) ?? -1)
  const continuation = new Continuation(statics, groupOf)
  const together = new ReadTogether()
  const isStatic = (node: Node) => statics.constant.has(node) || statics.shape.has(node)

  for (const node of nodes) {
    const scope = scopeOf(node)
    if (scope !== null) for (const other of together.of(node, scope)) join(node, other)
    const continued = scope === null && !isStatic(node) ? continuation.before(node) : null
    if (continued !== null) join(node, continued)
  }
  for (const node of nodes.toReversed()) {
    if (scopeOf(node) !== null || !isStatic(node)) continue
    const readers = node.outputs.flatMap(({ uses }) => uses.map((use) => use.node))
    const [first] = readers
    if (first !== undefined && new Set(readers.map(groupOf)).size === 1 && index.has(first)) join(node, first)
  }
  const members = new Map<number, Node[]>()
  for (const node of nodes) members.set(groupOf(node), [...(members.get(groupOf(node)) ?? []), node])
  // What is computed from constants and shapes stands anywhere before its reader, and says nothing about where the layer is.
  const start = (layer: readonly Node[]) => index.get(layer.find((node) => !isStatic(node)) ?? (layer[0] as Node)) as number
  return named(
    [...members.values()].toSorted((a, b) => start(a) - start(b)),
    statics,
  )
}

function named(groups: readonly (readonly Node[])[], statics: StaticNodes): Layer[] {
  const counts = new Map<string, number>()
  return groups.map((nodes) => {
    const base = scopeAmong(nodes) ?? nameOf(nodes, statics)
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    return {
      id: (nodes[0] as Node).id,
      name: count === 1 ? base : `${base} (${count})`,
      role: roleOf(nodes),
      nodes: nodes.map(({ id }) => id),
    }
  })
}

function scopeAmong(nodes: readonly Node[]): string | null {
  for (const node of nodes) {
    const scope = scopeOf(node)
    if (scope !== null) return scope
  }
  return null
}

/** Without a scope: the stem of the largest weight's name, else the name of the node that reads it or of the first one, else operator and position. */
function nameOf(nodes: readonly Node[], statics: StaticNodes): string {
  const working = nodes.filter((node) => !statics.constant.has(node) && !statics.shape.has(node))
  const weights = working.flatMap((node) => weightsOf(node, statics).map((weight) => ({ node, weight })))
  weights.sort((a, b) => (b.weight.constant?.ref.length ?? 0) - (a.weight.constant?.ref.length ?? 0))
  const stem = weights[0]?.weight.name.replace(/_(quantized|half)$/, '').replace(/[._](weight|kernel|W|w)$/, '')
  if (stem !== undefined && stem !== '' && !/^(onnx::|\d+$|val_)/.test(stem)) return stem
  const telling = weights[0]?.node ?? working[0] ?? (nodes[0] as Node)
  return telling.name === '' ? `${telling.opType} #${telling.id}` : telling.name
}

/** Earlier nodes of a scope that touch a node: the ones that it reads, and one of those that read the same computed value. */
class ReadTogether {
  readonly #readers = new Map<Value, Map<string, Node>>()

  of(node: Node, scope: string): readonly Node[] {
    return node.inputs.flatMap((input) => {
      if (input === null || input.constant !== null) return []
      const producer = input.producer?.graph === node.graph && scopeOf(input.producer) === scope ? [input.producer] : []
      const readers = this.#readers.get(input) ?? new Map<string, Node>()
      const other = readers.get(scope)
      readers.set(scope, node)
      this.#readers.set(input, readers)
      return other === undefined ? producer : [...producer, other]
    })
  }
}
