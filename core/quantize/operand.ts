import { floatOf, intOf } from '../ir/attributes.ts'
import { isFloat } from '../ir/dtype.ts'
import { countOf, type Tensor } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { convolutionOrder, type WeightMatrix } from './weight-matrix.ts'

/** A product of activations with a constant float matrix, however the exporter spelled it. */
export interface Product {
  readonly node: Node
  readonly activation: Value
  /** The stored constant. */
  readonly weight: Value
  readonly tensor: Tensor
  /** How the stored constant reads as a matrix. */
  readonly matrix: Omit<WeightMatrix, 'values'>
  /** A Transpose between the stored constant and the node. */
  readonly transpose: Node | null
  /** What is added to every row of the result; `factor` is Gemm's beta. */
  readonly bias: { readonly value: Value; readonly factor: number } | null
  /** Gemm's alpha. */
  readonly factor: number
}

/** What a node with weights reads now: what was found before others were rewritten may be gone. */
export const activationNow = ({ node }: { readonly node: Node }): Value => node.inputs[0] as Value

/** The bias of a product as its node reads it now. */
export const biasNow = ({ node, bias }: Product): Product['bias'] => bias && { ...bias, value: node.inputs[2] as Value }

/** Why a node that looks like a product cannot be treated as one. */
export interface Refusal {
  readonly reason: string
}

export const isRefusal = (found: Product | Refusal | null): found is Refusal => found !== null && 'reason' in found

const isStandard = (node: Node): boolean => node.domain === ''

/** The product that a MatMul or Gemm is; `null` when it is neither or both operands are computed. */
export function productOf(node: Node): Product | Refusal | null {
  if (!isStandard(node)) return null
  if (node.opType === 'MatMul') return matMulOf(node)
  return node.opType === 'Gemm' ? gemmOf(node) : null
}

function matMulOf(node: Node): Product | Refusal | null {
  const [activation, operand] = node.inputs
  if (!activation || !operand) return null
  if (floatConstant(activation) && !storedBy(operand)) return { reason: 'its constant is the left operand' }
  const stored = storedBy(operand)
  if (stored === null) return null
  const [rows, columns] = stored.tensor.ref.dims
  if (stored.tensor.ref.dims.length !== 2 || rows === undefined || columns === undefined)
    return { reason: `its constant has ${stored.tensor.ref.dims.length} dimensions, not 2` }
  const transposed = stored.transpose !== null
  return {
    node,
    activation,
    ...stored,
    matrix: transposed ? { layout: 'rows', channels: rows, depth: columns } : { layout: 'columns', channels: columns, depth: rows },
    bias: null,
    factor: 1,
  }
}

function gemmOf(node: Node): Product | Refusal | null {
  const [activation, operand, bias] = node.inputs
  const stored = operand ? storedBy(operand) : null
  if (!activation || stored === null) return null
  if (intOf(node, 'transA', 0) !== 0) return { reason: 'its activations are transposed' }
  const [rows, columns] = stored.tensor.ref.dims
  if (rows === undefined || columns === undefined) return { reason: 'its constant is no matrix' }
  const transposed = (intOf(node, 'transB', 0) !== 0) !== (stored.transpose !== null)
  return {
    node,
    activation,
    ...stored,
    matrix: transposed ? { layout: 'rows', channels: rows, depth: columns } : { layout: 'columns', channels: columns, depth: rows },
    bias: bias ? { value: bias, factor: floatOf(node, 'beta', 1) } : null,
    factor: floatOf(node, 'alpha', 1),
  }
}

interface Stored {
  readonly weight: Value
  readonly tensor: Tensor
  readonly transpose: Node | null
}

/** The float constant behind an operand, also through a Transpose that swaps the two axes of a matrix. */
function storedBy(operand: Value): Stored | null {
  const direct = floatConstant(operand)
  if (direct !== null) return { weight: operand, tensor: direct, transpose: null }
  const producer = operand.producer
  if (producer === null || !isStandard(producer) || producer.opType !== 'Transpose') return null
  const weight = producer.inputs[0]
  const tensor = weight ? floatConstant(weight) : null
  return weight && tensor && tensor.ref.dims.length === 2 ? { weight, tensor, transpose: producer } : null
}

/** The tensor of a float constant; one without elements has nothing to quantize. */
export function floatConstant(value: Value): Tensor | null {
  const tensor = value.constant
  return tensor !== null &&
    countOf(tensor.ref.dims) > 0 &&
    isFloat(tensor.ref.dtype) &&
    !tensor.ref.dtype.startsWith('float8') &&
    !tensor.ref.dtype.startsWith('float4')
    ? tensor
    : null
}

/** A convolution with constant float weights. */
export interface Convolution {
  readonly node: Node
  readonly activation: Value
  readonly weight: Value
  readonly tensor: Tensor
  readonly matrix: Omit<WeightMatrix, 'values'>
  readonly bias: Value | null
  readonly depthwise: boolean
}

/** The convolution that a Conv is; `null` for other nodes and for computed weights. */
export function convolutionOf(node: Node): Convolution | null {
  if (!isStandard(node) || node.opType !== 'Conv') return null
  const [activation, weight, bias] = node.inputs
  const tensor = weight ? floatConstant(weight) : null
  if (!activation || !weight || tensor === null) return null
  const [channels = 1, inputs = 1, ...kernel] = tensor.ref.dims
  const positions = kernel.reduce((product, extent) => product * extent, 1)
  const depthwise = inputs === 1 && intOf(node, 'group', 1) === channels && channels > 1
  return {
    node,
    activation,
    weight,
    tensor,
    matrix: { layout: 'rows', channels, depth: inputs * positions, order: convolutionOrder(inputs, positions) },
    bias: bias ?? null,
    depthwise,
  }
}

/** ONNX Runtime's own attention with the constant weights of query, key and value packed into one matrix. */
export interface PackedAttention {
  readonly node: Node
  readonly activation: Value
  readonly weight: Value
  readonly tensor: Tensor
  readonly matrix: Omit<WeightMatrix, 'values'>
}

/** Inputs of Attention behind the bias: QAttention has the mask (3) and the past (4), nothing else. */
const lastKnownInput = 4

/** The packed attention that a node is, where QAttention can stand for it; `null` for other nodes. */
export function packedAttentionOf(node: Node): PackedAttention | null {
  if (node.domain !== 'com.microsoft' || node.opType !== 'Attention') return null
  const [activation, weight, bias] = node.inputs
  const tensor = weight ? floatConstant(weight) : null
  if (!activation || !weight || !bias || tensor?.ref.dims.length !== 2) return null
  if (node.inputs.slice(lastKnownInput + 1).some((input) => input !== null) || node.attributes.has('qkv_hidden_sizes')) return null
  const [depth = 0, channels = 0] = tensor.ref.dims
  return { node, activation, weight, tensor, matrix: { layout: 'columns', channels, depth } }
}

/** A look-up in a constant float table: embeddings. */
export interface Lookup {
  readonly node: Node
  readonly weight: Value
  readonly tensor: Tensor
  readonly indices: Value
}

/** The look-up that a Gather along the first axis of a constant matrix is. */
export function lookupOf(node: Node): Lookup | null {
  if (!isStandard(node) || node.opType !== 'Gather' || intOf(node, 'axis', 0) !== 0) return null
  const [weight, indices] = node.inputs
  const tensor = weight ? floatConstant(weight) : null
  return weight && indices && tensor?.ref.dims.length === 2 ? { node, weight, tensor, indices } : null
}
