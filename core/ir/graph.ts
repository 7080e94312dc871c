import { GraphNode, GraphValue } from './elements.ts'
import type { Model } from './model.ts'
import { sortNodes } from './order.ts'
import { sharperType } from './sharper-type.ts'
import type { Tensor } from './tensor.ts'
import {
  type Attribute,
  type Attributes,
  identityMap,
  type Node,
  type NodeId,
  type Value,
  type ValueId,
  type ValueMap,
  type ValueType,
} from './value.ts'
import { subgraphsOf } from './walk.ts'

export interface NodeSpec {
  readonly opType: string
  readonly domain?: string
  readonly inputs: readonly (Value | null)[]
  /** Names of the outputs (`''`: left out), or how many fresh ones to make; 1 unless given. */
  readonly outputs?: readonly string[] | number
  readonly attributes?: Attributes | Readonly<Record<string, Attribute>>
  readonly name?: string
  readonly overload?: string
  readonly doc?: string
  readonly metadata?: ReadonlyMap<string, string>
  readonly unknown?: Uint8Array
  /** Given by the reader; new nodes get a fresh one. */
  readonly id?: NodeId
  readonly origins?: ReadonlySet<NodeId>
  /** The node whose place in the order the new one takes. */
  readonly at?: Node
}

/** A main graph or a subgraph. All changes to nodes and values go through it; between stages it is frozen. */
export class Graph {
  readonly model: Model
  /** The graph around a subgraph. */
  readonly parent: Graph | null
  /** The If, Loop or Scan that holds this subgraph. */
  owner: Node | null = null
  /** What ids of its nodes and values begin with: `''` in the main graph, `<id of the owner>/<attribute>/` in a subgraph of an opened file. */
  path = ''
  name = ''
  doc = ''
  metadata: ReadonlyMap<string, string> = new Map()
  unknown: Uint8Array | null = null
  readonly #nodes = new Set<GraphNode>()
  readonly #inputs: GraphValue[] = []
  readonly #outputs: GraphValue[] = []
  readonly #values = new Map<string, GraphValue>()
  #sorted: readonly GraphNode[] | null = null
  #last = 0

  constructor(model: Model, parent: Graph | null = null) {
    this.model = model
    this.parent = parent
  }

  /** Nodes in topological order, ties as in the opened file. Throws when the graph has a cycle. */
  get nodes(): readonly Node[] {
    this.#sorted ??= sortNodes(this.#nodes)
    return this.#sorted
  }

  get nodeCount(): number {
    return this.#nodes.size
  }

  get inputs(): readonly Value[] {
    return this.#inputs
  }

  get outputs(): readonly Value[] {
    return this.#outputs
  }

  /** Every value of this graph (not of graphs around it). */
  get values(): Iterable<Value> {
    return this.#values.values()
  }

  get initializers(): readonly Value[] {
    return [...this.#values.values()].filter((value) => value.initializer !== null)
  }

  has(node: Node): boolean {
    return this.#nodes.has(node as GraphNode)
  }

  /** A value by name, here or in a graph around this one. */
  find(name: string): Value | null {
    return this.#values.get(name) ?? this.parent?.find(name) ?? null
  }

  addInput(name: string, type: ValueType | null, id?: ValueId): Value {
    const value = this.#make(name, id)
    value.type = type
    value.isInput = true
    this.#inputs.push(value)
    return value
  }

  /** Adds a constant; on a name that is already a graph input it becomes that input's default. */
  addInitializer(name: string, tensor: Tensor, id?: ValueId): Value {
    const existing = this.#values.get(name)
    const value = existing?.isInput === true && existing.initializer === null ? existing : this.#make(name, id)
    value.initializer = tensor
    value.type ??= { kind: 'tensor', dtype: tensor.ref.dtype, shape: tensor.ref.dims }
    return value
  }

  /** Adds a constant under a fresh name made from `hint`. */
  addConstant(hint: string, tensor: Tensor): Value {
    return this.addInitializer(this.model.freshName(hint), tensor)
  }

  /** Gives another tensor to an initializer (same name, other bytes, type or dims). */
  setInitializer(value: Value, tensor: Tensor): void {
    this.#change()
    const own = this.#own(value)
    own.initializer = tensor
    own.type = { kind: 'tensor', dtype: tensor.ref.dtype, shape: tensor.ref.dims }
  }

  /** Makes a value an output of the graph, after those that it already has. A value of a graph around it needs an Identity first. */
  addOutput(value: Value): void {
    this.#change()
    const own = this.#own(value)
    own.isOutput = true
    this.#outputs.push(own)
  }

  setType(value: Value, type: ValueType | null): void {
    this.#change()
    this.#own(value).type = type
  }

  setUnknown(value: Value, unknown: Uint8Array): void {
    this.#own(value).unknown = unknown
  }

  addNode(spec: NodeSpec): Node {
    this.#change()
    const node = new GraphNode(this, spec.id ?? this.model.freshId(), spec.domain ?? '', spec.opType)
    node.name = spec.name ?? ''
    node.overload = spec.overload ?? ''
    node.doc = spec.doc ?? ''
    if (spec.metadata) node.metadata = spec.metadata
    if (spec.unknown) node.unknown = spec.unknown
    node.origins = spec.origins ?? (spec.id === undefined ? new Set() : new Set([spec.id]))
    this.#last += 1
    node.position = spec.at === undefined ? this.#last : (spec.at as GraphNode).position
    this.#nodes.add(node)
    spec.inputs.forEach((value, index) => {
      node.connect(index, value as GraphValue | null)
    })
    this.#makeOutputs(node, spec.outputs ?? 1)
    this.#adopt(node, toAttributes(spec.attributes))
    this.model.lineage.noteAdded(node.id)
    return node
  }

  /** Removes a node that nobody reads any more. Its subgraphs go with it. */
  removeNode(node: Node): void {
    this.#change()
    const own = node as GraphNode
    const needed = own.outputs.find((output) => output.isOutput || output.uses.length > 0)
    if (needed !== undefined) throw new Error(`node ${node.id} (${node.opType}) cannot be removed: '${needed.name}' is still read`)
    for (const subgraph of subgraphsOf(own)) subgraph.clear()
    own.truncate(0)
    for (const output of own.outputs) this.#values.delete(output.name)
    this.#nodes.delete(own)
    this.model.lineage.noteRemoved(node.id)
  }

  /** Removes all nodes of a subgraph that is being dropped, so that what it read of outer graphs is free again. */
  clear(): void {
    this.#change()
    for (const node of this.#nodes) {
      for (const subgraph of subgraphsOf(node)) subgraph.clear()
      node.truncate(0)
    }
    for (const output of this.#outputs) output.isOutput = false
    this.#outputs.length = 0
    this.#nodes.clear()
  }

  /** Removes an initializer or input that nobody reads. */
  removeValue(value: Value): void {
    this.#change()
    const own = this.#own(value)
    if (own.producer !== null || own.isOutput || own.uses.length > 0)
      throw new Error(`value '${value.name}' cannot be removed: it is still computed or read`)
    if (own.isInput) this.#inputs.splice(this.#inputs.indexOf(own), 1)
    this.#values.delete(own.name)
  }

  setInput(node: Node, index: number, value: Value | null): void {
    this.#change()
    ;(node as GraphNode).connect(index, value as GraphValue | null)
  }

  /** Drops inputs from `length` on. */
  truncateInputs(node: Node, length: number): void {
    this.#change()
    ;(node as GraphNode).truncate(length)
  }

  setAttributes(node: Node, attributes: Attributes | Readonly<Record<string, Attribute>>): void {
    this.#change()
    this.#adopt(node as GraphNode, toAttributes(attributes))
  }

  /** Adds nodes of the opened model to the origins of a node. */
  addOrigins(node: Node, origins: Iterable<NodeId>): void {
    ;(node as GraphNode).origins = new Set([...node.origins, ...origins])
  }

  /**
   * Everyone who reads `old` reads `by` instead, and the correspondence is recorded. When `old` is a graph output, the output keeps its name:
   * `by` takes it over, or an Identity carries it where `by` is an input, a constant, an output already, or of another graph.
   */
  replaceUses(old: Value, by: Value, map: ValueMap = identityMap): void {
    if (old === by) return
    this.#change()
    for (const { node, index } of old.uses) (node.graph as Graph).setInput(node, index, by)
    const own = this.#own(old)
    if (own.isOutput) this.#replaceOutput(own, by as GraphValue, map)
    if (by.type === null && map.kind === 'identity') (by as GraphValue).type = old.type
    this.model.lineage.noteReplaced(old.id, by.id, map)
  }

  /** Renames a value; the new name must be free. */
  rename(value: Value, name: string): void {
    this.#change()
    const own = this.#own(value)
    if (own.name === name) return
    if (this.#values.has(name)) throw new Error(`'${name}' is taken in graph '${this.name}'`)
    if (name === '') throw new Error(`'${own.name}' cannot lose its name: only outputs that were left out have none`)
    // An output that was left out begins to exist.
    if (own.name === '') own.id = this.model.valueId(this, name)
    this.#values.delete(own.name)
    own.name = name
    this.model.takeName(name)
    this.#values.set(name, own)
  }

  /** Gives a node another name; names of nodes need not be unique. */
  renameNode(node: Node, name: string): void {
    ;(node as GraphNode).name = name
  }

  /** What tools wrote down beside a node, as it goes into the file. */
  setMetadata(node: Node, metadata: ReadonlyMap<string, string>): void {
    ;(node as GraphNode).metadata = metadata
  }

  #replaceOutput(old: GraphValue, by: GraphValue, map: ValueMap): void {
    const name = old.name
    this.rename(old, this.model.freshName(name))
    const free = by.graph === this && by.producer !== null && !by.isOutput && !by.isInput
    const next = free
      ? by
      : this.#own(this.addNode({ opType: 'Identity', inputs: [by], origins: old.producer?.origins ?? new Set() }).outputs[0] as Value)
    this.rename(next, name)
    next.type = map.kind === 'identity' ? sharperType(old.type, next.type) : (next.type ?? old.type)
    old.isOutput = false
    next.isOutput = true
    this.#outputs.forEach((output, index) => {
      if (output === old) this.#outputs[index] = next
    })
  }

  #makeOutputs(node: GraphNode, outputs: readonly string[] | number): void {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.model.freshName(`${node.opType}_out`)) : outputs
    for (const name of names) {
      const output = name === '' ? new GraphValue(this, '', '') : this.#make(name)
      output.producer = node
      node.outputs.push(output)
    }
  }

  /** Subgraphs that the new attributes no longer hold are cleared, so that what they read of outer graphs is free again. */
  #adopt(node: GraphNode, attributes: Attributes): void {
    const before = subgraphsOf(node)
    node.attributes = attributes
    const held = new Set(subgraphsOf(node))
    for (const subgraph of held) subgraph.owner = node
    for (const subgraph of before) if (!held.has(subgraph)) subgraph.clear()
  }

  #make(name: string, id?: ValueId): GraphValue {
    this.#change()
    if (this.#values.has(name)) throw new Error(`'${name}' is defined twice in graph '${this.name}'`)
    this.model.takeName(name)
    const value = new GraphValue(this, id ?? this.model.valueId(this, name), name)
    this.#values.set(name, value)
    return value
  }

  #own(value: Value): GraphValue {
    if (value.graph !== this) throw new Error(`value '${value.name}' belongs to another graph`)
    return value as GraphValue
  }

  #change(): void {
    if (this.model.frozen) throw new Error('this version of the model is frozen: fork it to change it')
    this.model.touch()
    // What a subgraph reads orders the nodes of the graphs around it.
    for (let graph: Graph | null = this; graph !== null; graph = graph.parent) graph.#sorted = null
  }
}

const noAttributes: Attributes = new Map()

const toAttributes = (attributes: NodeSpec['attributes']): Attributes =>
  attributes === undefined ? noAttributes : attributes instanceof Map ? attributes : new Map(Object.entries(attributes))
