import { intOf } from '../../ir/attributes.ts'
import type { DType } from '../../ir/dtype.ts'
import type { Node } from '../../ir/value.ts'
import { type Fate, type KernelRow, kernelRows, newestRuntimeOpset, tableRuntime } from '../kernels.ts'

/** How a node runs in onnxruntime on a CPU; `null` when nothing like it was tried. */
export function fateOnCpu(node: Node): Fate | null {
  const tried = rowsFor(node)
  return (tried.find(({ fate }) => fate.kind !== 'refused') ?? tried[0])?.fate ?? null
}

/**
 * Why onnxruntime's CPU provider does not run a node, or `true`. Standard operators that were not tried pass; operators of other domains
 * must have been seen to run.
 */
export function legalOnCpu(node: Node): true | string {
  const name = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const { opset } = node.graph.model
  if (opset > newestRuntimeOpset)
    return `${tableRuntime} knows operator sets up to ${newestRuntimeOpset}, and the model is of opset ${opset}`
  const fate = fateOnCpu(node)
  if (fate?.kind === 'refused') return `${name} does not run on onnxruntime's CPU provider with ${variantOf(node)}: ${fate.reason}`
  if (fate !== null || node.domain === '' || node.domain === 'ai.onnx.ml') return true
  if (node.domain === 'com.microsoft.nchwc') return `${name} holds for this machine only: the runtime makes it itself when it loads a model`
  return `${name} was not seen to run on onnxruntime's CPU provider${kernelRows(name).length > 0 ? ` with ${variantOf(node)}` : ''}`
}

function rowsFor(node: Node): KernelRow[] {
  const name = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const all = kernelRows(name)
  const type = typeOf(node)
  const special = specialOf(node)
  // Without a known type the common one stands in: what fails in float32 fails.
  const typed = all.filter(({ variant }) => variant.startsWith(`${type ?? 'float32'} `) || variant === (type ?? 'float32'))
  const candidates = typed.length > 0 || type !== null ? typed : all
  return candidates.filter(({ variant }) => (special === null ? isPlain(variant) : variant.includes(special)))
}

const variantOf = (node: Node): string =>
  [typeOf(node) ?? 'inputs of unknown type', specialOf(node)].filter((part) => part !== null).join(' ')

/** The inputs that hold 8-bit activations and weights of the operators that take both. */
const pairs: Readonly<Record<string, readonly [number, number]>> = {
  MatMulInteger: [0, 1],
  ConvInteger: [0, 1],
  QLinearMatMul: [0, 3],
  QLinearConv: [0, 3],
  'com.microsoft.QGemm': [0, 3],
  'com.microsoft.MatMulIntegerToFloat': [0, 1],
  'com.microsoft.QAttention': [0, 1],
}

/** Inputs that name the variant where the first does not. */
const telling: Readonly<Record<string, number>> = {
  Where: 1,
  QuantizeLinear: 2,
  'com.microsoft.EmbedLayerNormalization': 2,
  'com.microsoft.DynamicQuantizeMatMul': 1,
  'com.microsoft.DynamicQuantizeLSTM': 1,
  'com.microsoft.QLinearConcat': 2,
  'com.microsoft.QLinearWhere': 1,
}

/** The element type that the table goes by, or the pair of an operator of two 8-bit inputs. */
function typeOf(node: Node): string | null {
  const name = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
  const pair = pairs[name]
  if (pair === undefined) return dtypeAt(node, telling[name] ?? 0)
  const [a, w] = pair.map((index) => dtypeAt(node, index))
  return a == null || w == null ? null : `${short(a)} x ${short(w)}`
}

const short = (dtype: DType): string => (dtype === 'uint8' ? 'u8' : dtype === 'int8' ? 's8' : dtype)

function dtypeAt(node: Node, index: number): DType | null {
  const type = node.inputs[index]?.type
  return type?.kind === 'tensor' ? type.dtype : null
}

/** What makes a node another case than its operator usually is; `null` when it is the usual one. */
function specialOf(node: Node): string | null {
  if (node.domain !== 'com.microsoft') return null
  if (node.opType === 'MatMulNBits') return `${intOf(node, 'bits', 4)} bits`
  if (node.opType === 'MultiHeadAttention') {
    if (node.inputs[1] == null) return 'packed QKV'
    if (node.inputs[2] == null) return 'packed KV'
  }
  return null
}

/** Cases that are refused although the operator runs are asked for by name only. */
const isPlain = (variant: string): boolean => !/ packed (QKV|KV)$/.test(variant)
