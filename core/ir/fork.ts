import type { GraphNode } from './elements.ts'
import { Graph } from './graph.ts'
import type { Attribute, Attributes, Value } from './value.ts'

/** Copies nodes and values of `source` into the empty graph `target` of another model; tensors are shared. */
export function forkGraph(source: Graph, target: Graph, copies: Map<Value, Value> = new Map()): void {
  target.path = source.path
  target.name = source.name
  target.doc = source.doc
  target.metadata = source.metadata
  target.unknown = source.unknown
  copyBorder(source, target, copies)
  for (const node of source.nodes) {
    const copy = target.addNode({
      id: node.id,
      opType: node.opType,
      domain: node.domain,
      name: node.name,
      overload: node.overload,
      doc: node.doc,
      metadata: node.metadata,
      origins: node.origins,
      inputs: node.inputs.map((value) => (value === null ? null : find(copies, value))),
      outputs: node.outputs.map((output) => output.name),
      attributes: copyAttributes(node.attributes, target, copies),
      ...(node.unknown === undefined ? {} : { unknown: node.unknown }),
    }) as GraphNode
    copy.outputs.forEach((output, index) => {
      const original = node.outputs[index] as Value
      Object.assign(output, { id: original.id, type: original.type })
      if (original.unknown !== undefined) output.unknown = original.unknown
      copies.set(original, output)
    })
  }
  for (const output of source.outputs) target.addOutput(find(copies, output))
}

function copyBorder(source: Graph, target: Graph, copies: Map<Value, Value>): void {
  for (const input of source.inputs) copies.set(input, target.addInput(input.name, input.type, input.id))
  for (const value of source.initializers) {
    const copy = target.addInitializer(value.name, value.initializer as NonNullable<Value['initializer']>, value.id)
    copies.set(value, copy)
  }
  for (const [original, copy] of copies) {
    if (original.graph === source && original.unknown !== undefined) target.setUnknown(copy, original.unknown)
  }
}

function copyAttributes(attributes: Attributes, target: Graph, copies: Map<Value, Value>): Attributes {
  // Attributes are never changed in place: without subgraphs they can be shared.
  const hasGraphs = [...attributes.values()].some(({ type }) => type === 'graph' || type === 'graphs')
  if (!hasGraphs) return attributes
  const copied = new Map<string, Attribute>()
  for (const [name, attribute] of attributes) {
    if (attribute.type === 'graph') copied.set(name, { type: 'graph', value: forkSubgraph(attribute.value, target, copies) })
    else if (attribute.type === 'graphs')
      copied.set(name, { type: 'graphs', value: attribute.value.map((graph) => forkSubgraph(graph, target, copies)) })
    else copied.set(name, attribute)
  }
  return copied
}

function forkSubgraph(source: Graph, parent: Graph, copies: Map<Value, Value>): Graph {
  const copy = new Graph(parent.model, parent)
  forkGraph(source, copy, copies)
  return copy
}

function find(copies: Map<Value, Value>, value: Value): Value {
  const copy = copies.get(value)
  if (copy === undefined) throw new Error(`value '${value.name}' is read before it is computed`)
  return copy
}
