import { Graph } from '../ir/graph.ts'
import { type Change, type Correspondence, Lineage } from '../ir/lineage.ts'
import { Model, type ModelHeader } from '../ir/model.ts'
import type { Blob, BlobId, Tensor, TensorRef } from '../ir/tensor.ts'
import { memoryBlob, tensorAt } from '../ir/tensor.ts'
import type { Attribute, Attributes, Node, NodeId, Value, ValueId, ValueType } from '../ir/value.ts'

/** A version as plain data over blobs: what the store remembers of a stage. Ids, origins and lineage are kept. */
export interface Snapshot {
  readonly header: Omit<ModelHeader, 'metadata'> & { readonly metadata: readonly (readonly [string, string])[] }
  readonly opsets: readonly (readonly [string, number])[]
  readonly nextId: number
  readonly changes: readonly Change[]
  readonly correspondences: readonly Correspondence[]
  readonly graph: GraphSnapshot
}

interface GraphSnapshot {
  readonly name: string
  readonly doc: string
  readonly path: string
  readonly metadata: readonly (readonly [string, string])[]
  readonly unknown: Uint8Array | null
  readonly inputs: readonly ValueSnapshot[]
  readonly initializers: readonly (readonly [name: string, id: ValueId, tensor: TensorSnapshot])[]
  readonly nodes: readonly NodeSnapshot[]
  readonly outputs: readonly string[]
}

interface ValueSnapshot {
  readonly name: string
  readonly id: ValueId
  readonly type: ValueType | null
  readonly unknown?: Uint8Array
}

interface NodeSnapshot extends Pick<Node, 'id' | 'name' | 'domain' | 'opType' | 'overload' | 'doc'> {
  readonly unknown?: Uint8Array
  readonly inputs: readonly (string | null)[]
  readonly outputs: readonly ValueSnapshot[]
  readonly attributes: readonly (readonly [string, AttributeSnapshot])[]
  readonly origins: readonly NodeId[]
  readonly metadata: readonly (readonly [string, string])[]
}

type AttributeSnapshot =
  | { readonly kind: 'plain'; readonly value: Exclude<Attribute, { type: 'tensor' | 'tensors' | 'graph' | 'graphs' }> }
  | { readonly kind: 'exact'; readonly type: 'int' | 'ints'; readonly digits: readonly string[] }
  | { readonly kind: 'tensors'; readonly type: 'tensor' | 'tensors'; readonly value: readonly TensorSnapshot[] }
  | { readonly kind: 'graphs'; readonly type: 'graph' | 'graphs'; readonly value: readonly GraphSnapshot[] }

interface TensorSnapshot {
  readonly ref: TensorRef
  /** The bytes themselves where they are in no blob that lasts. */
  readonly bytes?: Uint8Array
  readonly strings?: readonly Uint8Array[]
  readonly unknown?: Uint8Array
}

/** Blobs that a snapshot refers to. */
export type Blobs = ReadonlyMap<BlobId, Blob>

/**
 * A version as plain data. Tensors that still lie in memory are taken along as bytes: settle large ones in the store first.
 * @param names other names for blobs, where theirs does not last
 */
export function snapshotOf(model: Model, names: ReadonlyMap<BlobId, BlobId> = new Map()): Snapshot {
  return {
    header: { ...model.header, metadata: [...model.header.metadata] },
    opsets: [...model.opsets],
    nextId: model.nextId,
    changes: model.lineage.changes,
    correspondences: model.lineage.values,
    graph: graphSnapshot(model.graph, names),
  }
}

type Names = ReadonlyMap<BlobId, BlobId>

function graphSnapshot(graph: Graph, names: Names): GraphSnapshot {
  return {
    name: graph.name,
    doc: graph.doc,
    path: graph.path,
    metadata: [...graph.metadata],
    unknown: graph.unknown,
    inputs: graph.inputs.map(valueSnapshot),
    initializers: graph.initializers.map((value) => [value.name, value.id, tensorSnapshot(value.initializer!, names)]),
    nodes: graph.nodes.map((node) => nodeSnapshot(node, names)),
    outputs: graph.outputs.map(({ name }) => name),
  }
}

const valueSnapshot = ({ name, id, type, unknown }: Value): ValueSnapshot => ({
  name,
  id,
  type,
  ...(unknown === undefined ? {} : { unknown }),
})

function nodeSnapshot(node: Node, names: Names): NodeSnapshot {
  const { id, name, domain, opType, overload, doc, unknown } = node
  return {
    ...{ id, name, domain, opType, overload, doc },
    ...(unknown === undefined ? {} : { unknown }),
    inputs: node.inputs.map((input) => input?.name ?? null),
    outputs: node.outputs.map(valueSnapshot),
    attributes: [...node.attributes].map(([key, attribute]) => [key, attributeSnapshot(attribute, names)]),
    origins: [...node.origins],
    metadata: [...node.metadata],
  }
}

function attributeSnapshot(attribute: Attribute, names: Names): AttributeSnapshot {
  switch (attribute.type) {
    case 'tensor':
      return { kind: 'tensors', type: 'tensor', value: [tensorSnapshot(attribute.value, names)] }
    case 'tensors':
      return { kind: 'tensors', type: 'tensors', value: attribute.value.map((tensor) => tensorSnapshot(tensor, names)) }
    case 'graph':
      return { kind: 'graphs', type: 'graph', value: [graphSnapshot(attribute.value, names)] }
    case 'graphs':
      return { kind: 'graphs', type: 'graphs', value: attribute.value.map((graph) => graphSnapshot(graph, names)) }
    case 'int':
      return attribute.exact === undefined ? { kind: 'plain', value: attribute } : exact('int', [attribute.exact])
    case 'ints':
      return attribute.exact === undefined ? { kind: 'plain', value: attribute } : exact('ints', attribute.exact)
    default:
      return { kind: 'plain', value: attribute }
  }
}

const exact = (type: 'int' | 'ints', values: readonly bigint[]): AttributeSnapshot => ({ kind: 'exact', type, digits: values.map(String) })

function tensorSnapshot(tensor: Tensor, names: Names): TensorSnapshot {
  const { strings, unknown } = tensor
  const ref = { ...tensor.ref, blob: names.get(tensor.ref.blob) ?? tensor.ref.blob }
  return {
    ref,
    ...(ref.blob.startsWith('memory:') && strings === undefined ? { bytes: tensor.read() } : {}),
    ...(strings === undefined ? {} : { strings }),
    ...(unknown === undefined ? {} : { unknown }),
  }
}

/** Ids of the blobs that must be there to restore a snapshot. */
export function blobsOf(snapshot: Snapshot): Set<BlobId> {
  const found = new Set<BlobId>()
  const visit = (graph: GraphSnapshot) => {
    const tensors = graph.initializers.map(([, , tensor]) => tensor)
    for (const { attributes } of graph.nodes) {
      for (const [, attribute] of attributes) {
        if (attribute.kind === 'tensors') tensors.push(...attribute.value)
        if (attribute.kind === 'graphs') attribute.value.forEach(visit)
      }
    }
    for (const { ref, bytes, strings } of tensors) if (bytes === undefined && strings === undefined) found.add(ref.blob)
  }
  visit(snapshot.graph)
  return found
}

/** The version of a snapshot, as changeable as a fork. `source` is the opened model from which it stems. */
export function restore(snapshot: Snapshot, source: Model, blobs: Blobs): Model {
  const { header, opsets, changes, correspondences } = snapshot
  const lineage = new Lineage()
  const model = new Model({ ...header, metadata: new Map(header.metadata) }, new Map(opsets), lineage)
  restoreGraph(snapshot.graph, model.graph, blobs)
  model.nextId = snapshot.nextId
  lineage.changes.push(...changes)
  lineage.values.push(...correspondences)
  model.markOpened(source.opened)
  // It is not the file any more.
  model.touch()
  return model
}

function restoreGraph(snapshot: GraphSnapshot, graph: Graph, blobs: Blobs): void {
  const { name, doc, path, unknown } = snapshot
  Object.assign(graph, { name, doc, path, unknown, metadata: new Map(snapshot.metadata) })
  for (const input of snapshot.inputs) restoreUnknown(graph, graph.addInput(input.name, input.type, input.id), input)
  for (const [key, id, tensor] of snapshot.initializers) graph.addInitializer(key, restoreTensor(tensor, blobs), id)
  for (const node of snapshot.nodes) restoreNode(node, graph, blobs)
  for (const output of snapshot.outputs) graph.addOutput(graph.find(output)!)
}

function restoreNode(snapshot: NodeSnapshot, graph: Graph, blobs: Blobs): void {
  const { id, name, domain, opType, overload, doc, unknown } = snapshot
  const node = graph.addNode({
    ...{ id, name, domain, opType, overload, doc },
    ...(unknown === undefined ? {} : { unknown }),
    inputs: snapshot.inputs.map((input) => (input === null ? null : graph.find(input))),
    outputs: snapshot.outputs.map((output) => output.name),
    attributes: restoreAttributes(snapshot.attributes, graph, blobs),
    origins: new Set(snapshot.origins),
    metadata: new Map(snapshot.metadata),
  })
  node.outputs.forEach((value, at) => {
    const output = snapshot.outputs[at]!
    Object.assign(value, { id: output.id, type: output.type })
    restoreUnknown(graph, value, output)
  })
}

function restoreUnknown(graph: Graph, value: Value, { unknown }: ValueSnapshot): void {
  if (unknown !== undefined) graph.setUnknown(value, unknown)
}

function restoreAttributes(attributes: NodeSnapshot['attributes'], parent: Graph, blobs: Blobs): Attributes {
  return new Map(attributes.map(([name, attribute]) => [name, restoreAttribute(attribute, parent, blobs)]))
}

function restoreAttribute(attribute: AttributeSnapshot, parent: Graph, blobs: Blobs): Attribute {
  if (attribute.kind === 'plain') return attribute.value
  if (attribute.kind === 'exact') {
    const digits = attribute.digits.map(BigInt)
    const numbers = digits.map(Number)
    return attribute.type === 'int'
      ? { type: 'int', value: numbers[0]!, exact: digits[0]! }
      : { type: 'ints', value: numbers, exact: digits }
  }
  if (attribute.kind === 'tensors') {
    const tensors = attribute.value.map((tensor) => restoreTensor(tensor, blobs))
    return attribute.type === 'tensor' ? { type: 'tensor', value: tensors[0]! } : { type: 'tensors', value: tensors }
  }
  const graphs = attribute.value.map((snapshot) => {
    const graph = new Graph(parent.model, parent)
    restoreGraph(snapshot, graph, blobs)
    return graph
  })
  return attribute.type === 'graph' ? { type: 'graph', value: graphs[0]! } : { type: 'graphs', value: graphs }
}

function restoreTensor({ ref, bytes, strings, unknown }: TensorSnapshot, blobs: Blobs): Tensor {
  const { blob: id, ...place } = ref
  const blob = bytes !== undefined ? memoryBlob(bytes) : strings !== undefined ? memoryBlob(new Uint8Array(0)) : blobs.get(id)
  if (blob === undefined) throw new Error(`blob ${id} of a remembered version is missing`)
  const tensor = tensorAt(blob, bytes === undefined ? place : { ...place, offset: 0 }, unknown)
  return strings === undefined ? tensor : { ...tensor, strings }
}
