import type { Machine } from '../../api/measurement.ts'
import type { Target } from '../../api/pipeline.ts'
import type { DecisionId } from '../../api/recommendation.ts'
import type { Model } from '../../ir/model.ts'
import type { Node } from '../../ir/value.ts'
import { allNodes } from '../../ir/walk.ts'

/** Where the weights of a model are, in bytes. */
export interface Weights {
  readonly convolutions: number
  readonly products: number
  readonly lookups: number
  readonly total: number
  readonly quantized: boolean
  readonly decoder: boolean
}

/** How many nodes `fuse` would change, in each of its forms; `null` where that is not known ahead. */
export interface Fusions {
  readonly all: number | null
  /** With sums before normalizations left outside. */
  readonly withoutSums: number | null
  /** Whether `all` takes sums into normalizations. */
  readonly hasSums: boolean | null
  /** Without raising the operator set. */
  readonly sameOpset: number | null
}

/** What the answers go by. */
export interface Facts {
  readonly target: Target
  readonly weights: Weights
  readonly fusions: Fusions
  readonly nodes: number
  readonly opset: number
  /** Samples of each kind; `null` without a dataset. */
  readonly data: { readonly calibration: number; readonly evaluation: number } | null
  readonly machine: Machine
}

/** The answers so far. */
export type Chosen = Readonly<Partial<Record<DecisionId, string>>>

/** Bytes of weights from which reading them, not arithmetic, sets the pace of a decoder. */
const memoryBound = 500e6

export const readsItsWeights = ({ decoder, products }: Weights): boolean => decoder && products > memoryBound

const share = 0.2
export const isConvolutional = ({ convolutions, total }: Weights): boolean => convolutions > share * total
export const isLinear = ({ products, total }: Weights): boolean => products > share * total

const convolutions = new Set(['Conv', 'ConvTranspose', 'FusedConv'])
const products = new Set(['MatMul', 'Gemm', 'FusedMatMul', 'FusedGemm', 'LSTM', 'GRU', 'RNN', 'Attention'])
const lookups = new Set(['Gather', 'GatherElements', 'EmbedLayerNormalization'])
const quantizers = new Set([
  'QuantizeLinear',
  'DynamicQuantizeLinear',
  'MatMulInteger',
  'QLinearMatMul',
  'QLinearConv',
  'ConvInteger',
  'MatMulNBits',
])

export function weightsOf(model: Model): Weights {
  const sums = { convolutions: 0, products: 0, lookups: 0 }
  let quantized = false
  for (const node of allNodes(model.graph)) {
    quantized ||= quantizers.has(node.opType)
    const kind = convolutions.has(node.opType) ? 'convolutions' : lookups.has(node.opType) ? 'lookups' : 'products'
    if (kind !== 'products' || products.has(node.opType)) sums[kind] += weightBytes(node)
  }
  const decoder =
    model.graph.inputs.some(({ name }) => /^past/i.test(name)) || model.graph.outputs.some(({ name }) => /^present/i.test(name))
  return { ...sums, total: sums.convolutions + sums.products + sums.lookups, quantized, decoder }
}

/** Bytes of the float constants of at least two axes that a node reads. */
function weightBytes(node: Node): number {
  return node.inputs.reduce((sum, input) => {
    const ref = input?.constant?.ref
    return ref !== undefined && ref.dims.length >= 2 && /^b?float/.test(ref.dtype) ? sum + ref.length : sum
  }, 0)
}
