import type { Model } from '../ir/model.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node, NodeId, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { convolutionOf, isRefusal, packedAttentionOf, productOf } from './operand.ts'
import { recurrentElements } from './recurrent.ts'
import { wholeOf } from './selected.ts'

export const lowPrecisions = ['int8', 'int4'] as const
export type LowPrecision = (typeof lowPrecisions)[number]
export type Precision = LowPrecision | 'float32'

/** Layers that share one choice: products of one activation (query, key and value; gate and up), also where one reads some positions alone. */
export interface MixedUnit {
  readonly name: string
  readonly kind: 'product' | 'convolution' | 'recurrent'
  readonly nodes: readonly NodeId[]
  readonly weights: number
}

/** Weights of one scale in 4-bit storage, and the bytes of its scale and zero point. */
const block = { size: 32, overhead: 4.5 }

/** Bytes of a unit's weights at a precision. */
export function bytesAt({ weights }: MixedUnit, precision: Precision): number {
  if (precision === 'float32') return 4 * weights
  return precision === 'int8' ? weights : weights / 2 + (weights / block.size) * block.overhead
}

/** The units of the main graph that can be quantized, without what is kept. Convolutions and recurrent operators have 8 bits alone. */
export function unitsOf(model: Model, kept: ReadonlySet<Node>, inEightBits: boolean): MixedUnit[] {
  const products = new Map<Value, { nodes: Node[]; weights: number }>()
  const units: MixedUnit[] = []
  for (const node of model.graph.nodes) {
    if (kept.has(node)) continue
    const product = productOf(node)
    const convolution = inEightBits ? convolutionOf(node) : null
    const recurrent = inEightBits ? recurrentElements(node) : null
    if (product !== null && !isRefusal(product) && product.tensor.ref.dtype === 'float32') {
      const activation = wholeOf(product.activation)
      const unit = products.get(activation) ?? { nodes: [], weights: 0 }
      unit.nodes.push(node)
      unit.weights += countOf(product.tensor.ref.dims)
      products.set(activation, unit)
    } else if (convolution?.tensor.ref.dtype === 'float32') {
      units.push({ name: nameOf(node), kind: 'convolution', nodes: [node.id], weights: countOf(convolution.tensor.ref.dims) })
    } else if (recurrent !== null) {
      units.push({ name: nameOf(node), kind: 'recurrent', nodes: [node.id], weights: recurrent })
    }
  }
  for (const { nodes, weights } of products.values())
    units.push({ name: nodes.map(nameOf).join(', '), kind: 'product', nodes: nodes.map(({ id }) => id), weights })
  return units
}

const nameOf = ({ name, id }: Node): string => (name === '' ? `#${id}` : name)

/** What each node with weights is to compute in. */
export type Assignment = ReadonlyMap<NodeId, Precision>

/**
 * References, good for `keep`, of the nodes that a pass must leave alone so that only those assigned to it are quantized: those of subgraphs
 * and what is no unit among them.
 */
export function others(model: Model, assignment: Assignment, wanted: LowPrecision): string[] {
  return [...allNodes(model.graph)].filter((node) => assignment.get(node.id) !== wanted && hasWeights(node)).map(({ id }) => `#${id}`)
}

const hasWeights = (node: Node): boolean =>
  productOf(node) !== null || convolutionOf(node) !== null || packedAttentionOf(node) !== null || recurrentElements(node) !== null
