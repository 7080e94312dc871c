import type { Model } from '../ir/model.ts'
import type { Node, NodeId, Value } from '../ir/value.ts'
import { roleOf } from './role.ts'
import { scopeOf } from './scope.ts'

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
 * The layers of a model: connected nodes of one scope are a layer; without scopes a node with weights takes what follows it one-to-one
 * (bias, norm, activation). Every node of the main graph is in exactly one layer.
 */
export function layersOf(model: Model): readonly Layer[] {
  const units = new Units()
  for (const node of model.graph.nodes) {
    const scope = scopeOf(node)
    const leader = neighbours(node).find((other) => joins(node, scope, other, units))
    units.add(node, scope, leader ?? null)
  }
  return named(units.groups())
}

/** Whether a node belongs to the layer of an earlier neighbour. */
function joins(node: Node, scope: string | null, other: Node, units: Units): boolean {
  if (scope !== null || scopeOf(other) !== null) return scope !== null && scope === units.scopeOf(other)
  return !hasWeights(node) && units.hasWeights(other) && followsAlone(node)
}

/** Nodes that were placed already and touch this one: those it reads, and those that read the same computed value. */
function neighbours(node: Node): Node[] {
  const found: Node[] = []
  for (const input of node.inputs) {
    if (input === null) continue
    if (input.producer !== null && input.producer.graph === node.graph) found.push(input.producer)
    if (input.constant === null) for (const use of input.uses) if (use.node.graph === node.graph && use.node !== node) found.push(use.node)
  }
  return found
}

/** Whether the node continues one value: all its other inputs are constants, and nobody else reads that value. */
function followsAlone(node: Node): boolean {
  const computed = node.inputs.filter((input): input is Value => input !== null && input.constant === null)
  return computed.length === 1 && computed[0]?.uses.length === 1 && computed[0].producer !== null
}

/** A constant of two or more dims that is no shape or table of indices. */
export function hasWeights(node: Node): boolean {
  return node.inputs.some((input) => weightOf(input) !== null)
}

function weightOf(input: Value | null): Value | null {
  const constant = input?.constant
  return constant && constant.ref.dims.length >= 2 && constant.ref.length >= 64 ? (input as Value) : null
}

/** A layer in the making. */
interface Unit {
  readonly scope: string | null
  readonly nodes: Node[]
  weights: boolean
}

class Units {
  readonly #members: Unit[] = []
  readonly #unit = new Map<Node, number>()

  add(node: Node, scope: string | null, leader: Node | null): void {
    const known = leader === null ? undefined : this.#unit.get(leader)
    const index = known ?? this.#members.push({ scope, nodes: [], weights: false }) - 1
    const unit = this.#members[index] as Unit
    unit.nodes.push(node)
    unit.weights ||= hasWeights(node)
    this.#unit.set(node, index)
  }

  scopeOf(node: Node): string | null | undefined {
    const index = this.#unit.get(node)
    return index === undefined ? undefined : this.#members[index]?.scope
  }

  hasWeights(node: Node): boolean {
    const index = this.#unit.get(node)
    return index !== undefined && this.#members[index]?.weights === true
  }

  groups(): readonly { scope: string | null; nodes: Node[] }[] {
    return this.#members
  }
}

function named(groups: readonly { scope: string | null; nodes: Node[] }[]): Layer[] {
  const counts = new Map<string, number>()
  return groups.map(({ scope, nodes }) => {
    const base = scope ?? nameOf(nodes)
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

/** Without a scope: the stem of the largest weight's name, else the node's name, else operator and position. */
function nameOf(nodes: readonly Node[]): string {
  const weights = nodes.flatMap((node) => node.inputs).flatMap((input) => weightOf(input) ?? [])
  weights.sort((a, b) => (b.constant?.ref.length ?? 0) - (a.constant?.ref.length ?? 0))
  const stem = weights[0]?.name.replace(/[._](weight|kernel|W|w)(_quantized)?$/, '')
  const first = nodes[0] as Node
  if (stem !== undefined && stem !== '' && !/^(onnx::|\d+$|val_)/.test(stem)) return stem
  return first.name === '' ? `${first.opType} #${first.id}` : first.name
}
