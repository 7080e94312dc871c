import { byteLength } from './dtype.ts'
import type { Graph } from './graph.ts'
import type { Model } from './model.ts'
import { CycleError } from './order.ts'
import { countOf, type Tensor } from './tensor.ts'
import type { Node, Value } from './value.ts'
import { subgraphsOf } from './walk.ts'

/** A rule of ONNX that a graph breaks. It has the form of a problem that can be shown as it is. */
export interface Fault {
  readonly kind: 'graph'
  /** Kebab-case, stable: `dangling-read`, `duplicate-name`, `cycle`, `stale-use`, `illegal-capture`, `missing-opset`, `undefined-output`, ... */
  readonly code: string
  readonly what: string
  readonly where: { readonly node?: string; readonly tensor?: string }
  readonly mend: string
}

const mend = 'A pass or rule has broken the graph; leave that step out, and report it with the model.'

/**
 * All that is wrong with a version's structure; empty when it is sound. It looks at names, edges and use lists, not at operators and
 * their types. O(nodes + edges).
 */
export function verifyModel(model: Model): readonly Fault[] {
  const verifier = new Verifier(model)
  verifier.graph(model.graph, new Set())
  return verifier.faults
}

const nodeName = (node: Node): string => node.name || `#${node.id}`

class Verifier {
  readonly faults: Fault[] = []
  readonly #model: Model
  /** How often nodes of all graphs that were visited read a value. */
  readonly #readings = new Map<Value, number>()

  constructor(model: Model) {
    this.#model = model
  }

  /** `outer` holds the values of graphs around this one that are computed before it runs. */
  graph(graph: Graph, outer: ReadonlySet<Value>): void {
    const nodes = this.#ordered(graph)
    if (nodes === null) return
    this.#border(graph)
    const defined = new Set(outer)
    const own = new Set<Value>()
    const define = (value: Value) => {
      own.add(value)
      defined.add(value)
    }
    for (const value of graph.values) if (value.producer === null) define(value)
    for (const node of nodes) {
      this.#reads(node, defined)
      for (const subgraph of subgraphsOf(node)) this.#subgraph(node, subgraph, defined)
      this.#outputs(node, define)
    }
    this.#names(graph, own)
    this.#results(graph, own)
    this.#uses(graph, own)
  }

  #fault(code: string, what: string, where: Fault['where']): void {
    this.faults.push({ kind: 'graph', code, what, where, mend })
  }

  #ordered(graph: Graph): readonly Node[] | null {
    try {
      return graph.nodes
    } catch (error) {
      if (!(error instanceof CycleError)) throw error
      this.#fault('cycle', `Node '${nodeName(error.node)}' depends on its own output`, { node: nodeName(error.node) })
      return null
    }
  }

  #border(graph: Graph): void {
    for (const value of graph.values) {
      if (value.producer !== null || value.isInput) continue
      if (value.initializer === null) this.#fault('no-source', `Nothing computes '${value.name}'`, { tensor: value.name })
    }
    for (const value of graph.initializers) this.#tensor(value.name, value.initializer as Tensor)
  }

  #tensor(name: string, { ref, blob }: Tensor): void {
    const expected = ref.dtype === 'string' ? ref.length : byteLength(ref.dtype, countOf(ref.dims))
    if (ref.length !== expected || ref.offset < 0 || ref.offset + ref.length > blob.size)
      this.#fault('tensor-length', `The bytes of '${name}' do not fit its type and dimensions`, { tensor: name })
  }

  #reads(node: Node, defined: ReadonlySet<Value>): void {
    const where = { node: nodeName(node) }
    if (!this.#model.opsets.has(node.domain)) {
      const domain = node.domain === '' ? 'ai.onnx' : node.domain
      this.#fault('missing-opset', `The model imports no operator set for '${domain}' (${node.opType})`, where)
    }
    for (const value of node.inputs) {
      if (value !== null) this.#readings.set(value, (this.#readings.get(value) ?? 0) + 1)
      if (value === null || defined.has(value)) continue
      const from = value.graph === node.graph ? 'is not in the graph' : 'is of a graph that it cannot see'
      const code = value.graph === node.graph ? 'dangling-read' : 'illegal-capture'
      this.#fault(code, `Node '${where.node}' reads '${value.name}', which ${from}`, { ...where, tensor: value.name })
    }
  }

  #subgraph(node: Node, subgraph: Graph, defined: ReadonlySet<Value>): void {
    if (subgraph.parent !== node.graph || subgraph.owner !== node)
      this.#fault('stray-subgraph', `A subgraph of '${nodeName(node)}' belongs to another node`, { node: nodeName(node) })
    else this.graph(subgraph, defined)
  }

  #outputs(node: Node, define: (value: Value) => void): void {
    for (const value of node.outputs) {
      if (value.name === '') continue
      if (value.producer !== node || value.graph !== node.graph)
        this.#fault('wrong-producer', `'${value.name}' is not computed where it says`, { node: nodeName(node), tensor: value.name })
      define(value)
    }
  }

  /** Names are unique in a graph and in those around it, else a written file would mean another value. */
  #names(graph: Graph, own: ReadonlySet<Value>): void {
    const seen = new Set<string>()
    for (const { name } of own) {
      if (seen.has(name)) this.#fault('duplicate-name', `'${name}' is defined twice`, { tensor: name })
      seen.add(name)
      if (graph.parent?.find(name)) this.#fault('hidden-name', `'${name}' in a subgraph hides the one around it`, { tensor: name })
    }
  }

  #results(graph: Graph, own: ReadonlySet<Value>): void {
    for (const value of graph.outputs) {
      if (!own.has(value))
        this.#fault('undefined-output', `The graph gives out '${value.name}', which nothing computes`, { tensor: value.name })
      else if (!value.isOutput) this.#fault('stale-output', `'${value.name}' does not know that it is given out`, { tensor: value.name })
    }
    const listed = new Set(graph.outputs)
    for (const value of own) {
      if (value.isOutput && !listed.has(value))
        this.#fault('stale-output', `'${value.name}' is not among the outputs of its graph`, { tensor: value.name })
    }
  }

  /** Every use is a real reading of a value of this graph, listed once, and none is missing. */
  #uses(graph: Graph, own: ReadonlySet<Value>): void {
    for (const value of own) {
      const seen = new Map<Node, Set<number>>()
      for (const { node, index } of value.uses) {
        const known = seen.get(node) ?? new Set()
        const real = node.inputs[index] === value && !known.has(index) && node.graph.has(node) && within(node.graph, graph)
        if (!real)
          this.#fault('stale-use', `'${value.name}' counts a reader that does not read it`, { tensor: value.name, node: nodeName(node) })
        seen.set(node, known.add(index))
      }
      if (value.uses.length < (this.#readings.get(value) ?? 0))
        this.#fault('stale-use', `'${value.name}' does not count all of its readers`, { tensor: value.name })
    }
  }
}

/** Whether a graph is `outer` or inside it, reached through nodes that are still there. */
function within(graph: Graph, outer: Graph): boolean {
  if (graph === outer) return true
  return graph.parent !== null && graph.owner !== null && graph.parent.has(graph.owner) && within(graph.parent, outer)
}
