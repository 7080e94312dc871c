import { intOf, intsOf } from '../ir/attributes.ts'
import { bitsOf } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import type { Feeds } from '../runtime/session.ts'
import { inferShapes } from '../shapes/infer.ts'

/** What nodes ask of a machine in one run. */
export interface Cost {
  /** Floating-point (or integer) operations; a multiplication and an addition are two. */
  readonly flops: number
  /** Bytes of weights that are read. */
  readonly weightBytes: number
  /** Bytes of activations that come in and go out. */
  readonly activationBytes: number
}

/** Costs of the nodes of a model for one batch, from shapes alone. */
export interface CostModel {
  of(nodes: readonly Node[]): Cost
}

/**
 * Works out the sizes of all values for some feeds. Nodes whose shapes stay unknown cost nothing that can be told.
 * @param model any version; it is not changed
 */
export function costModel(model: Model, feeds: Feeds): CostModel {
  const sized = model.fork()
  for (const input of sized.graph.inputs) {
    const feed = feeds[input.name]
    if (feed !== undefined) sized.graph.setType(input, { kind: 'tensor', dtype: feed.dtype, shape: feed.dims })
  }
  inferShapes(sized)
  const values = new Map([...sized.graph.values].map((value) => [value.name, value]))
  const dims = (value: Value | null | undefined) => dimsOf(values.get(value?.name ?? '') ?? null)
  const bytes = (value: Value) => bytesOf(values.get(value.name) ?? value)
  return {
    of(nodes) {
      const inside = new Set(nodes)
      const read = new Set(nodes.flatMap((node) => node.inputs.filter((input): input is Value => input !== null)))
      const weights = [...read].filter(({ initializer }) => initializer !== null)
      const entering = [...read].filter(({ initializer, producer }) => initializer === null && (producer === null || !inside.has(producer)))
      const leaving = nodes.flatMap(({ outputs }) =>
        outputs.filter(({ isOutput, uses }) => isOutput || uses.some(({ node }) => !inside.has(node))),
      )
      return {
        flops: nodes.reduce((sum, node) => sum + flopsOf(node, dims), 0),
        weightBytes: weights.reduce((sum, { initializer }) => sum + (initializer?.ref.length ?? 0), 0),
        activationBytes: [...entering, ...leaving].reduce((sum, value) => sum + bytes(value), 0),
      }
    },
  }
}

type DimsOf = (value: Value | null | undefined) => readonly number[] | null

function dimsOf(value: Value | null): readonly number[] | null {
  if (value?.initializer) return value.initializer.ref.dims
  const shape = value?.type?.kind === 'tensor' ? value.type.shape : null
  return shape?.every((dim): dim is number => typeof dim === 'number') ? shape : null
}

function bytesOf(value: Value): number {
  const dims = dimsOf(value)
  return dims === null || value.type?.kind !== 'tensor' ? 0 : (countOf(dims) * bitsOf(value.type.dtype)) / 8
}

/** Operations of one node. Products count both of their halves; the rest about one an element. */
function flopsOf(node: Node, dims: DimsOf): number {
  const out = dims(node.outputs[0])
  if (out === null || free.has(node.opType)) return 0
  const elements = countOf(out)
  if (products.has(node.opType)) return 2 * elements * innerOf(node, dims)
  if (convolutions.has(node.opType)) return 2 * elements * kernelOf(node, dims)
  if (node.opType === 'ConvTranspose') return 2 * countOf(dims(node.inputs[0]) ?? [0]) * countOf((dims(node.inputs[1]) ?? []).slice(1))
  if (recurrent.has(node.opType)) return recurrentFlops(node, dims)
  if (attention.has(node.opType)) return attentionFlops(node, dims)
  return elements * (transcendental.has(node.opType) ? 8 : 1)
}

const products: ReadonlySet<string> = new Set([
  ...[
    'MatMul',
    'Gemm',
    'FusedMatMul',
    'FusedGemm',
    'MatMulInteger',
    'QLinearMatMul',
    'MatMulIntegerToFloat',
    'DynamicQuantizeMatMul',
    'QGemm',
  ],
  'MatMulNBits',
])
const convolutions: ReadonlySet<string> = new Set(['Conv', 'FusedConv', 'ConvInteger', 'QLinearConv'])
const recurrent: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM'])
const transcendental: ReadonlySet<string> = new Set([
  'Exp',
  'Log',
  'Erf',
  'Tanh',
  'Sigmoid',
  'Softmax',
  'Gelu',
  'FastGelu',
  'BiasGelu',
  'QuickGelu',
  'Pow',
  'Sqrt',
])
const free: ReadonlySet<string> = new Set([
  ...['Shape', 'Size', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Transpose', 'Slice', 'Concat', 'Split', 'Gather'],
  ...['Expand', 'Constant', 'ConstantOfShape', 'Pad', 'Range', 'Cast', 'Dropout'],
])

/** Inputs and outputs that tell how many keys there are. */
interface AttentionForm {
  /** Input of queries, keys and values together, and of the weights that make them; of queries alone where there are none. */
  readonly weights?: number
  readonly past: number
  /** Axis of the length in the past. */
  readonly pastAxis: number
}

/** Attention as one operator, of both domains; see also `core/shapes/operators`. */
function attentionForm({ opType, domain }: Node): AttentionForm {
  if (opType === 'MultiHeadAttention') return { past: 6, pastAxis: 2 }
  if (opType === 'GroupQueryAttention') return { past: 3, pastAxis: 2 }
  if (opType === 'QAttention') return { weights: 1, past: 8, pastAxis: 3 }
  return domain === 'com.microsoft' ? { weights: 1, past: 4, pastAxis: 3 } : { past: 4, pastAxis: 2 }
}

const attention: ReadonlySet<string> = new Set(['Attention', 'QAttention', 'MultiHeadAttention', 'GroupQueryAttention'])

/**
 * The products of queries with keys and of scores with values, over all heads: each element of a query, and each of the result, takes part in one
 * product with every key. The projection of packed weights comes on top. What a causal mask hides is counted, as in the graph of single operators.
 */
function attentionFlops(node: Node, dims: DimsOf): number {
  const { weights, past, pastAxis } = attentionForm(node)
  const [query, result] = [dims(node.inputs[0]) ?? [], dims(node.outputs[0]) ?? []]
  const key = weights === undefined ? dims(node.inputs[1]) : null
  const own = (key?.length === 4 ? key[2] : (key ?? query)[1]) ?? 0
  const keys = own + (dims(node.inputs[past])?.[pastAxis] ?? 0)
  const scored = 2 * keys * (countOf(key === null ? result : query) + countOf(result))
  return scored + (weights === undefined ? 0 : 2 * countOf(query) * (dims(node.inputs[weights])?.[1] ?? 0))
}

/** Length of the sums of a matrix product. */
function innerOf(node: Node, dims: DimsOf): number {
  if (node.opType === 'MatMulNBits') return intOf(node, 'K', 0)
  const left = dims(node.inputs[0])
  return (intOf(node, 'transA', 0) === 1 ? left?.at(-2) : left?.at(-1)) ?? 0
}

/** Products that make one output element of a convolution. */
function kernelOf(node: Node, dims: DimsOf): number {
  const weight = dims(node.inputs[node.opType === 'QLinearConv' ? 3 : 1])
  return weight === null ? countOf(intsOf(node, 'kernel_shape') ?? [0]) : countOf(weight.slice(1))
}

function recurrentFlops(node: Node, dims: DimsOf): number {
  const [length = 0, batch = 0] = dims(node.inputs[0]) ?? []
  return [1, 2].reduce((sum, index) => sum + 2 * length * batch * countOf(dims(node.inputs[index]) ?? [0]), 0)
}
