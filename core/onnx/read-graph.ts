import { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { CycleError } from '../ir/order.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Attribute, Node, NodeId, Value } from '../ir/value.ts'
import { type AttributeParts, attributeFrom } from './attribute-proto.ts'
import { constantOf } from './constant-node.ts'
import type { ExternalFiles } from './external-data.ts'
import { attributesIn, callParts, domainOf, type Functions } from './functions.ts'
import { exportAgain, graphProblem } from './problems.ts'
import { referencesIn } from './read-references.ts'
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './schema.ts'
import { CallScope, GraphScope, type Scope } from './scope.ts'
import { sparseToDense } from './sparse.ts'
import { metadataFrom, tensorFromProto } from './tensor-proto.ts'
import { typeFromBytes } from './type-proto.ts'

/** What all graphs of a file share while it is read. */
export interface Reading {
  readonly model: Model
  readonly functions: Functions
  readonly files: ExternalFiles
  readonly references: Map<NodeId, string>
  nodes: number
  nodesDeep: number
}

/** A node whose outputs exist and whose inputs and attributes are still to be connected. */
interface Pending {
  readonly node: Node
  readonly proto: NodeProto
  readonly scope: Scope
  readonly reference: string
}

/** Fills the empty `graph` from its message. Nodes may stand in any order. */
export function readGraph(reading: Reading, graph: Graph, proto: GraphProto, scope: Scope): void {
  graph.name = proto.name ?? ''
  graph.doc = proto.doc ?? ''
  graph.metadata = metadataFrom(proto.metadata)
  graph.unknown = proto.unknown ?? null
  const infos = new Map(proto.valueInfo.map((info) => [info.name ?? '', info]))
  readBorder(reading, proto, scope, infos)
  const outputs = new Set(proto.output.map(({ name }) => name ?? ''))
  const pending: Pending[] = []
  defineNodes(reading, proto.node, { scope, prefix: graph.path, outputs, pending })
  for (const [name, info] of infos) if (scope.defines(name)) describe(scope.find(name), info)
  for (const entry of pending) connect(reading, entry)
  for (const info of proto.output) readOutput(graph, info, scope)
  checkOrder(graph, reading)
}

/** Inputs and initializers. Before IR 4 an initializer had to be listed as an input, and was a constant nevertheless. */
function readBorder(reading: Reading, proto: GraphProto, scope: Scope, infos: Map<string, ValueInfoProto>): void {
  const { graph } = scope
  const initialized = new Set([
    ...proto.initializer.map(({ name }) => name ?? ''),
    ...proto.sparseInitializer.map((s) => s.values?.name ?? ''),
  ])
  const alwaysConstant = reading.model.header.irVersion < 4
  const listed = new Set<string>()
  for (const info of proto.input) {
    const name = named(info.name, 'a graph input', scope)
    if (listed.has(name)) throw duplicate(name, scope)
    listed.add(name)
    if (alwaysConstant && initialized.has(name)) infos.set(name, info)
    else {
      const value = graph.addInput(scope.nameFor(name), null)
      scope.define(name, value)
      describe(value, info)
    }
  }
  for (const tensor of proto.initializer) {
    const name = named(tensor.name, 'an initializer', scope)
    addConstant(scope, name, tensorFromProto(tensor, name, reading.files))
  }
  for (const sparse of proto.sparseInitializer) {
    const name = named(sparse.values?.name, 'a sparse initializer', scope)
    addConstant(scope, name, sparseToDense(sparse, name, reading.files))
  }
}

function named(name: string | undefined, what: string, scope: Scope): string {
  if (name !== undefined && name !== '') return name
  throw graphProblem('no-name', `${what} has no name`, scope.reference === '' ? {} : { node: scope.reference }, exportAgain)
}

function addConstant(scope: Scope, name: string, tensor: Tensor): void {
  const existing = scope.defines(name) ? scope.find(name) : undefined
  if (existing && (!existing.isInput || existing.initializer !== null)) throw duplicate(name, scope)
  const value = scope.graph.addInitializer(existing ? existing.name : scope.nameFor(name), tensor)
  scope.define(name, value)
}

const duplicate = (name: string, scope: Scope) =>
  graphProblem(
    'duplicate-name',
    `'${name}' is defined twice`,
    { tensor: name, ...(scope.reference === '' ? {} : { node: scope.reference }) },
    'Give each tensor of a graph its own name.',
  )

function describe(value: Value | null | undefined, info: ValueInfoProto): void {
  if (!value) return
  const type = info.type === undefined ? null : typeFromBytes(info.type)
  if (type !== null && (value.initializer === null || value.isInput)) value.graph.setType(value, type)
  if (info.unknown !== undefined) value.graph.setUnknown(value, info.unknown)
}

interface NodeList {
  readonly scope: Scope
  /** What the ids of these nodes begin with. */
  readonly prefix: string
  /** Names that must stay outputs of nodes: those the graph gives out. */
  readonly outputs: ReadonlySet<string>
  readonly pending: Pending[]
}

/** Makes nodes with their outputs, calls of functions replaced by their bodies, Constant nodes by initializers. */
function defineNodes(reading: Reading, nodes: readonly NodeProto[], list: NodeList): void {
  const references = referencesIn(nodes, list.scope.reference)
  const main = list.prefix === ''
  nodes.forEach((proto, index) => {
    const reference = references[index] as string
    const isConstant = proto.opType === 'Constant' && domainOf(proto.domain) === ''
    if (!isConstant) reading.nodesDeep += 1
    if (!isConstant && main) reading.nodes += 1
    if (isConstant && defineConstant(reading, proto, list)) return
    const definition = reading.functions.called(proto)
    const id = `${list.prefix}${index}`
    reading.references.set(id, reference)
    if (definition === null) defineNode(proto, { ...list, id, reference })
    else {
      if (list.scope.call === null) reading.functions.admit(definition, reference)
      const parts = callParts(definition, proto, list.scope, reference)
      const scope = new CallScope(list.scope, `${reference}//`, parts)
      const body = { scope, prefix: `${id}//`, outputs: outputsOfCall(proto, definition.output, list.outputs), pending: list.pending }
      defineNodes(reading, definition.node, body)
      definePassedThrough(scope, { ...list, id: `${id}//${definition.node.length}`, reference })
    }
  })
}

const outputsOfCall = (proto: NodeProto, formal: readonly string[], given: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(formal.filter((_, index) => given.has(proto.output[index] ?? '')))

type NodePlace = NodeList & { readonly id: NodeId; readonly reference: string }

function defineNode(proto: NodeProto, { scope, id, reference, pending }: NodePlace): void {
  if (proto.opType === undefined || proto.opType === '')
    throw graphProblem('no-operator', 'A node names no operator', { node: reference }, exportAgain)
  const seen = new Set<string>()
  for (const name of proto.output) {
    if (name !== '' && (scope.defines(name) || seen.has(name))) throw duplicate(name, scope)
    seen.add(name)
  }
  const node = scope.graph.addNode({
    id,
    opType: proto.opType,
    domain: domainOf(proto.domain),
    name: nodeName(proto.name ?? '', scope),
    overload: proto.overload ?? '',
    doc: proto.doc ?? '',
    metadata: metadataFrom(proto.metadata),
    inputs: [],
    outputs: proto.output.map((name) => (name === '' ? '' : scope.nameFor(name))),
    ...(proto.unknown === undefined ? {} : { unknown: proto.unknown }),
  })
  proto.output.forEach((name, index) => {
    if (name !== '') scope.define(name, node.outputs[index] as Value)
  })
  pending.push({ node, proto, scope, reference })
}

const nodeName = (name: string, scope: Scope): string => (scope instanceof CallScope && name !== '' ? `${scope.reference}${name}` : name)

function defineConstant(reading: Reading, proto: NodeProto, { scope, outputs }: NodeList): boolean {
  const [name] = proto.output
  if (name === undefined || name === '' || proto.output.length > 1 || outputs.has(name)) return false
  const tensor = constantOf(attributesIn(scope, proto), (value) => tensorFromProto(value, name, reading.files))
  if (tensor === null) return false
  if (scope.defines(name)) throw duplicate(name, scope)
  scope.define(name, scope.graph.addInitializer(scope.nameFor(name), tensor))
  return true
}

function definePassedThrough(scope: CallScope, place: NodePlace): void {
  for (const { from, to } of scope.passedThrough()) {
    const proto: NodeProto = { input: [from], output: [to], opType: 'Identity', attribute: [], metadata: [] }
    const node = scope.graph.addNode({ id: `${place.id}/${to}`, opType: 'Identity', inputs: [], outputs: [place.scope.nameFor(to)] })
    place.scope.define(to, node.outputs[0] as Value)
    place.pending.push({ node, proto, scope, reference: place.reference })
  }
}

function connect(reading: Reading, { node, proto, scope, reference }: Pending): void {
  proto.input.forEach((name, index) => {
    const value = name === '' ? null : scope.find(name)
    if (value === undefined) {
      const what = `Node '${reference}' (${node.opType}) reads '${name}', which nothing computes`
      throw graphProblem('dangling-name', what, { node: reference, tensor: name }, exportAgain)
    }
    node.graph.setInput(node, index, value)
  })
  if (proto.attribute.length === 0) return
  const attributes = new Map<string, Attribute>()
  for (const attribute of attributesIn(scope, proto)) {
    const name = attribute.name ?? ''
    if (attributes.has(name)) {
      const what = `Node '${reference}' (${node.opType}) has the attribute '${name}' twice`
      throw graphProblem('duplicate-attribute', what, { node: reference }, exportAgain)
    }
    attributes.set(name, attributeFrom(attribute, partsOf(reading, { node, scope, reference, attribute })))
  }
  node.graph.setAttributes(node, attributes)
}

interface AttributePlace {
  readonly node: Node
  readonly scope: Scope
  readonly reference: string
  readonly attribute: AttributeProto
}

/** A graph that a call hands to its function as an attribute sees the names of the caller, not those of the body. */
function partsOf(reading: Reading, { node, scope, reference, attribute }: AttributePlace): AttributeParts {
  const { call } = scope
  const fromCaller = call !== null && attribute.g !== undefined && [...call.attributes.values()].some(({ g }) => g === attribute.g)
  return {
    tensor: (proto: TensorProto) => tensorFromProto(proto, proto.name || `${reference}.${attribute.name}`, reading.files),
    graph: (proto: GraphProto, place: string) => {
      const graph = new Graph(reading.model, node.graph)
      graph.owner = node
      graph.path = `${node.id}/${place}/`
      readGraph(reading, graph, proto, new GraphScope(graph, `${reference}/${place}/`, fromCaller ? call.scope : scope))
      return graph
    },
  }
}

function readOutput(graph: Graph, info: ValueInfoProto, scope: Scope): void {
  const name = named(info.name, 'a graph output', scope)
  const value = scope.find(name)
  if (!value) {
    const where = scope.reference === '' ? { tensor: name } : { tensor: name, node: scope.reference }
    throw graphProblem('undefined-output', `The graph gives out '${name}', which nothing computes`, where, exportAgain)
  }
  if (value.graph !== graph) {
    const where = { tensor: name, node: scope.reference }
    const mend = 'Put an Identity into the subgraph and give out its result.'
    throw graphProblem('outer-output', `A subgraph gives out '${name}' of the graph around it`, where, mend)
  }
  describe(value, info)
  graph.addOutput(value)
}

function checkOrder(graph: Graph, reading: Reading): void {
  try {
    graph.nodes
  } catch (error) {
    if (!(error instanceof CycleError)) throw error
    const reference = reading.references.get(error.node.id) ?? error.node.id
    const what = `Node '${reference}' (${error.node.opType}) depends on its own output`
    throw graphProblem('cycle', what, { node: reference }, exportAgain)
  }
}
