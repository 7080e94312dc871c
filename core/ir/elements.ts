import type { Graph } from './graph.ts'
import type { Tensor } from './tensor.ts'
import type { Attributes, Node, NodeId, Use, Value, ValueId, ValueType } from './value.ts'

const none: readonly Use[] = []
/** Readers up to which a list is cheaper than a set. */
const few = 8

/** The writable side of `Value`; only `Graph` and its forks touch it. */
export class GraphValue implements Value {
  id: ValueId
  readonly graph: Graph
  name: string
  type: ValueType | null = null
  producer: GraphNode | null = null
  initializer: Tensor | null = null
  isOutput = false
  isInput = false
  declare unknown?: Uint8Array
  /** The uses as a list that is never changed; `null` when `#many` has changed since it was made. */
  #uses: readonly Use[] | null = none
  /** Holds the uses once they are many, so that a value that everyone reads does not cost the square of its readers. */
  #many: Set<Use> | null = null

  constructor(graph: Graph, id: ValueId, name: string) {
    this.graph = graph
    this.id = id
    this.name = name
  }

  get constant(): Tensor | null {
    return this.isInput ? null : this.initializer
  }

  get uses(): readonly Use[] {
    this.#uses ??= [...(this.#many ?? none)]
    return this.#uses
  }

  addUse(use: Use): void {
    if (this.#many === null && this.uses.length < few) this.#uses = [...this.uses, use]
    else {
      this.#many ??= new Set(this.uses)
      this.#many.add(use)
      this.#uses = null
    }
  }

  dropUse(use: Use): void {
    if (this.#many === null) this.#uses = this.uses.filter((other) => other !== use)
    else {
      this.#many.delete(use)
      this.#uses = null
    }
  }
}

const nothing: ReadonlyMap<string, never> = new Map<string, never>()
const noOrigins: ReadonlySet<NodeId> = new Set()

/** The writable side of `Node`. */
export class GraphNode implements Node {
  readonly id: NodeId
  readonly graph: Graph
  readonly domain: string
  readonly opType: string
  name = ''
  overload = ''
  doc = ''
  attributes: Attributes = nothing
  origins: ReadonlySet<NodeId> = noOrigins
  metadata: ReadonlyMap<string, string> = nothing
  declare unknown?: Uint8Array
  readonly inputs: (GraphValue | null)[] = []
  readonly outputs: GraphValue[] = []
  /** Ties in the topological order are broken by it; a new node takes the place of what it replaces. */
  position = 0
  readonly #uses: (Use | null)[] = []

  constructor(graph: Graph, id: NodeId, domain: string, opType: string) {
    this.graph = graph
    this.id = id
    this.domain = domain
    this.opType = opType
  }

  connect(index: number, value: GraphValue | null): void {
    const before = this.#uses[index]
    if (before) this.inputs[index]?.dropUse(before)
    while (this.inputs.length <= index) this.inputs.push(null)
    this.inputs[index] = value
    const use = value === null ? null : { node: this, index }
    this.#uses[index] = use
    if (use !== null) value?.addUse(use)
  }

  truncate(length: number): void {
    for (let index = length; index < this.inputs.length; index++) this.connect(index, null)
    this.inputs.length = Math.min(length, this.inputs.length)
  }
}
