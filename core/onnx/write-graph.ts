import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { attributeTo } from './attribute-proto.ts'
import { type Encoded, encode } from './encode.ts'
import { irForTypes } from './opset.ts'
import {
  type AttributeProto,
  type EntryProto,
  type GraphProto,
  type ModelProto,
  modelSchema,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
  type ValueInfoProto,
} from './schema.ts'
import { sparseFormOf } from './sparse.ts'
import { metadataTo, tensorToProto } from './tensor-proto.ts'
import { typeToBytes } from './type-proto.ts'

/** Where the bytes of an initializer (of the main graph, or of a subgraph) go: entries of `external_data`, or `null` for into the file itself. */
export type Placement = (tensor: Tensor, main: boolean) => readonly EntryProto[] | null

/** The bytes of an .onnx file, weights as ranges of their blobs. The same model with the same placement gives the same bytes. */
export function encodeModel(model: Model, place: Placement): Encoded {
  const { header } = model
  const irVersion = Math.max(header.irVersion, irForTypes(model))
  const proto: ModelProto = {
    irVersion,
    ...given({ producerName: header.producerName, producerVersion: header.producerVersion, domain: header.modelDomain, doc: header.doc }),
    ...(header.modelVersion === 0 ? {} : { modelVersion: header.modelVersion }),
    graph: new GraphWriter(irVersion, place).graph(model.graph, true),
    opset: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    metadata: metadataTo(header.metadata),
    functions: [],
    ...(header.unknown === undefined ? {} : { unknown: header.unknown }),
  }
  return encode(modelSchema, proto)
}

/** The entries that are not empty: empty text is the default of a field and stays out of the file. */
function given<T extends Record<string, string>>(texts: T): Partial<T> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<T>
}

class GraphWriter {
  readonly #ir: number
  readonly #place: Placement

  constructor(ir: number, place: Placement) {
    this.#ir = ir
    this.#place = place
  }

  graph(graph: Graph, main: boolean): GraphProto {
    const constants = graph.initializers
    // Before IR 4 initializers are inputs too; a subgraph has no such list to spare, so there they become Constant nodes again.
    const listed = main && this.#ir < 4 ? constants.filter((value) => !value.isInput) : []
    const asNodes = !main && this.#ir < 4
    const stored = asNodes ? [] : constants
    const dense = stored.filter((value) => sparseFormOf(value.initializer as Tensor) === undefined)
    return {
      node: [...(asNodes ? constants.map((value) => this.#constant(value)) : []), ...graph.nodes.map((node) => this.#node(node))],
      ...given({ name: graph.name, doc: graph.doc }),
      initializer: dense.map((value) => this.#initializer(value, main)),
      sparseInitializer: stored.flatMap((value) => this.#sparse(value)),
      input: [...graph.inputs, ...listed].map(infoOf),
      output: graph.outputs.map(infoOf),
      valueInfo: graph.nodes.flatMap(({ outputs }) => outputs.filter(isInterior)).map(infoOf),
      metadata: metadataTo(graph.metadata),
      ...(graph.unknown === null ? {} : { unknown: graph.unknown }),
    }
  }

  #node(node: Node): NodeProto {
    return {
      input: node.inputs.map((value) => value?.name ?? ''),
      output: node.outputs.map((value) => value.name),
      ...given({ name: node.name, opType: node.opType, domain: node.domain, overload: node.overload, doc: node.doc }),
      attribute: [...node.attributes].map(([name, attribute]) => attributeTo(name, attribute, this.#encoders)),
      metadata: metadataTo(node.metadata),
      ...(node.unknown === undefined ? {} : { unknown: node.unknown }),
    }
  }

  readonly #encoders = {
    // The runtime wants the tensors of attributes inside the file.
    tensor: (tensor: Tensor): TensorProto => tensorToProto(tensor, ''),
    graph: (graph: Graph): GraphProto => this.graph(graph, false),
  }

  #constant(value: Value): NodeProto {
    const attribute: AttributeProto = attributeTo('value', { type: 'tensor', value: value.initializer as Tensor }, this.#encoders)
    return { input: [], output: [value.name], opType: 'Constant', attribute: [attribute], metadata: [] }
  }

  #initializer(value: Value, main: boolean): TensorProto {
    const tensor = value.initializer as Tensor
    return tensorToProto(tensor, value.name, tensor.strings === undefined ? (this.#place(tensor, main) ?? undefined) : undefined)
  }

  #sparse(value: Value): SparseTensorProto[] {
    const sparse = sparseFormOf(value.initializer as Tensor)
    if (sparse === undefined) return []
    return [{ values: tensorToProto(sparse.values, value.name), indices: tensorToProto(sparse.indices, ''), dims: [...sparse.dims] }]
  }
}

/** Whether a value's type is worth a `value_info`: what computes it says nothing of it, and no border of the graph does. */
const isInterior = (value: Value): boolean =>
  value.producer !== null && !value.isOutput && value.name !== '' && (value.type !== null || value.unknown !== undefined)

function infoOf(value: Value): ValueInfoProto {
  return {
    name: value.name,
    ...(value.type === null ? {} : { type: typeToBytes(value.type) }),
    ...(value.unknown === undefined ? {} : { unknown: value.unknown }),
  }
}
