import { Model } from '../../core/ir/model.ts'
import { arrayBytes } from '../../core/ir/numbers.ts'
import { countOf, type Tensor, tensorOf } from '../../core/ir/tensor.ts'
import type { Node, Value, ValueType } from '../../core/ir/value.ts'
import type { RandomWeights } from './random-weights.ts'

/** How a small trained model becomes a large random one of the same make. */
export interface Scaling {
  /** Finds the number of the layer in a name: `/layers\.(\d+)[./]/`. */
  readonly layer: RegExp
  readonly layers: number
  /** Sizes of weights: small -> large. */
  readonly sizes: ReadonlyMap<number, number>
  /** Elements of small integer constants (head sizes in reshapes): small -> large. */
  readonly integers: ReadonlyMap<number, number>
  /** Elements of small float constants (attention scales): small -> large, compared in single precision. */
  readonly floats: ReadonlyMap<number, number>
  /** Constants that are written anew, by name. */
  readonly replaced: ReadonlyMap<string, Tensor>
}

/** Constants up to this many elements stand in Constant nodes, as exporters write them. */
const smallConstant = 16

/**
 * Grows a model: its last layer is repeated, its weights are replaced by random ones of the scaled sizes, and the exporter's shape
 * arithmetic is kept as it stands, every Constant node of it.
 */
export function scaleModel(template: Model, scaling: Scaling, weights: RandomWeights): Model {
  return new Grower(template, scaling, weights).grow()
}

class Grower {
  readonly #template: Model
  readonly #scaling: Scaling
  readonly #weights: RandomWeights
  readonly #grown: Model
  readonly #last: number

  constructor(template: Model, scaling: Scaling, weights: RandomWeights) {
    this.#template = template
    this.#scaling = scaling
    this.#weights = weights
    this.#grown = new Model({ irVersion: template.header.irVersion, producerName: 'lathe random weights' }, template.opsets)
    this.#last = Math.max(...template.graph.nodes.map((node) => this.#layerOf(node.name) ?? -1))
  }

  grow(): Model {
    const { nodes, inputs, outputs } = this.#template.graph
    this.#grown.graph.name = 'main_graph'
    for (const input of inputs) this.#grown.graph.addInput(input.name, input.type)
    const lastOfLayers = nodes.findLastIndex((node) => this.#layerOf(node.name) === this.#last)
    const repeated = nodes.filter((node) => this.#layerOf(node.name) === this.#last)
    for (const node of nodes.slice(0, lastOfLayers + 1)) this.#copy(node, null)
    for (let layer = this.#last + 1; layer < this.#scaling.layers; layer += 1) for (const node of repeated) this.#copy(node, layer)
    for (const node of nodes.slice(lastOfLayers + 1)) this.#copy(node, 'after')
    for (const output of outputs) this.#addOutput(output)
    return this.#grown
  }

  #addOutput(output: Value): void {
    const value = this.#grown.graph.find(output.name)!
    this.#grown.graph.setType(value, this.#scaledType(output.type))
    this.#grown.graph.addOutput(value)
  }

  #layerOf(name: string): number | null {
    const found = this.#scaling.layer.exec(name)?.[1]
    return found === undefined ? null : Number(found)
  }

  /** Copies a node as it is (`null`), into a repeated layer, or behind the repeated layers. */
  #copy(node: Node, into: number | null | 'after'): void {
    const inLayer = typeof into === 'number'
    const inputs = node.inputs.map((value) => (value === null ? null : this.#input(value, into)))
    this.#grown.graph.addNode({
      opType: node.opType,
      domain: node.domain,
      name: inLayer ? this.#moved(node.name, into) : node.name,
      inputs,
      outputs: node.outputs.map(({ name }) => (inLayer && name !== '' ? this.#moved(name, into) : name)),
      attributes: node.attributes,
    })
  }

  #input(value: Value, into: number | null | 'after'): Value {
    const name = this.#nameIn(value, into)
    return this.#grown.graph.find(name) ?? this.#constant(value, name)
  }

  #nameIn(value: Value, into: number | null | 'after'): string {
    if (into === null) return value.name
    const layer = this.#layerOf(value.name)
    // What follows the layers reads the last of them.
    if (into === 'after')
      return layer === this.#last && value.producer !== null ? this.#moved(value.name, this.#scaling.layers - 1) : value.name
    if (layer === this.#last || this.#isOwnConstant(value)) return this.#moved(value.name, into)
    return layer === this.#last - 1 ? this.#moved(value.name, into - 1) : value.name
  }

  /** An initializer without a layer in its name that only the last layer reads. */
  #isOwnConstant(value: Value): boolean {
    return value.constant !== null && value.uses.every(({ node }) => this.#layerOf(node.name) === this.#last)
  }

  #moved(name: string, layer: number): string {
    return this.#layerOf(name) === null
      ? `${name}_layer${layer}`
      : name.replace(this.#scaling.layer, (found, number: string) => found.replace(number, String(layer)))
  }

  #constant(value: Value, name: string): Value {
    const tensor = value.constant
    if (tensor === null) throw new Error(`nothing gives '${name}' in the grown model`)
    const scaled = this.#scaledTensor(value.name, name, tensor)
    if (countOf(scaled.ref.dims) > smallConstant) return this.#grown.graph.addInitializer(name, scaled)
    const node = this.#grown.graph.addNode({
      opType: 'Constant',
      name: name.replace(/_output_0$/, ''),
      inputs: [],
      outputs: [name],
      attributes: { value: { type: 'tensor', value: scaled } },
    })
    return node.outputs[0]!
  }

  #scaledTensor(original: string, name: string, tensor: Tensor): Tensor {
    const replaced = this.#scaling.replaced.get(original)
    if (replaced) return replaced
    const { dtype, dims } = tensor.ref
    if (dtype === 'int64' && countOf(dims) <= smallConstant) return this.#scaledIntegers(tensor)
    if (dtype === 'float32' && countOf(dims) <= smallConstant) return this.#scaledFloats(tensor)
    if (dtype !== 'float32') return tensor
    const sizes = dims.map((dim) => this.#scaling.sizes.get(dim) ?? dim)
    const isNorm = sizes.length === 1 && /norm.*weight$/i.test(original)
    return this.#weights.tensor(name, sizes, { mean: isNorm ? 1 : 0, std: 0.02 })
  }

  #scaledIntegers(tensor: Tensor): Tensor {
    const values = new BigInt64Array(tensor.read().slice().buffer)
    return tensorOf('int64', tensor.ref.dims, arrayBytes(values.map((value) => BigInt(this.#scaling.integers.get(Number(value)) ?? value))))
  }

  #scaledFloats(tensor: Tensor): Tensor {
    const values = new Float32Array(tensor.read().slice().buffer)
    const large = new Map([...this.#scaling.floats].map(([small, value]) => [Math.fround(small), value]))
    return tensorOf('float32', tensor.ref.dims, arrayBytes(values.map((value) => large.get(value) ?? value)))
  }

  #scaledType(type: ValueType | null): ValueType | null {
    if (type?.kind !== 'tensor' || type.shape === null) return type
    return { ...type, shape: type.shape.map((dim) => (typeof dim === 'number' ? (this.#scaling.sizes.get(dim) ?? dim) : dim)) }
  }
}
