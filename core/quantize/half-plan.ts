import type { Graph } from '../ir/graph.ts'
import { numbersOf, numberToHalf } from '../ir/numbers.ts'
import { countOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { graphsOf, subgraphsOf } from '../ir/walk.ts'

/** Why an operator keeps computing in float32 while the model around it goes to float16. */
const needFloat: Readonly<Record<string, string>> = {
  NonMaxSuppression: 'it is defined for float32 alone',
  Range: 'it is not defined for float16',
  MelWeightMatrix: 'it is not defined for float16',
  QuantizeLinear: 'its scale belongs to a quantized part',
  DequantizeLinear: 'its scale belongs to a quantized part',
  DynamicQuantizeLinear: 'it is defined for float32 alone',
  QLinearConv: 'its scales belong to a quantized part',
  QLinearMatMul: 'its scales belong to a quantized part',
  HannWindow: 'its type is an attribute',
  HammingWindow: 'its type is an attribute',
  BlackmanWindow: 'its type is an attribute',
  RandomNormal: 'its type is an attribute',
  RandomUniform: 'its type is an attribute',
  RandomNormalLike: 'its type is an attribute',
  RandomUniformLike: 'its type is an attribute',
  EyeLike: 'its type is an attribute',
  Bernoulli: 'its type is an attribute',
  Multinomial: 'its type is an attribute',
  CumSum: 'long sums lose their small terms in float16',
  Pow: 'squares pass the range of float16',
  ReduceMean: 'sums over an axis pass the range of float16',
  ReduceSum: 'sums over an axis pass the range of float16',
  ReduceSumSquare: 'sums over an axis pass the range of float16',
  ReduceL2: 'sums over an axis pass the range of float16',
  ReduceLogSumExp: 'sums over an axis pass the range of float16',
  ReduceProd: 'products over an axis pass the range of float16',
  Sin: 'angles lose their place in the period in float16',
  Cos: 'angles lose their place in the period in float16',
}

/** Operators of ONNX Runtime's own domain that are defined for float16. */
const contribWithHalf = new Set([
  'Attention',
  'BiasGelu',
  'BiasSoftmax',
  'EmbedLayerNormalization',
  'FastGelu',
  'FusedMatMul',
  'Gelu',
  'GroupQueryAttention',
  'MultiHeadAttention',
  'QuickGelu',
  'RotaryEmbedding',
  'SkipLayerNormalization',
  'SkipSimplifiedLayerNormalization',
])

/** Inputs that stay float32 even where the operator computes in float16. */
const floatInputs: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1] }

export const staysFloat = (node: Node, index: number): boolean => node.domain === '' && (floatInputs[node.opType]?.includes(index) ?? false)

export const isFloat32 = (value: Value | null): boolean => value?.type?.kind === 'tensor' && value.type.dtype === 'float32'

/** Whether what a node reads besides activations are scales of 8-bit numbers, on which a rounded one would move them all. */
export const readsScales = ({ domain, opType }: Node): boolean =>
  /^(QLinear\w+|QGemm|QAttention|DynamicQuantize\w+|QuantizeLinear|DequantizeLinear)$/.test(opType) &&
  (domain === '' || domain === 'com.microsoft')

const touchesFloat = (node: Node): boolean => node.inputs.some(isFloat32) || node.outputs.some(isFloat32)

/** Which nodes compute in float16, and why others that have floats do not. */
export interface HalfPlan {
  readonly half: ReadonlySet<Node>
  readonly blocked: ReadonlyMap<Node, string>
}

/**
 * Decides for every node of a graph and its subgraphs. The values' types must have been inferred. `beyond` are constants with elements past
 * the range of float16, where they are known: to look for them here would read every weight. `overflowing` are nodes that samples drive there.
 */
export function planHalf(
  graph: Graph,
  kept: ReadonlySet<Node>,
  { beyond = new Set(), overflowing = new Set() }: { beyond?: ReadonlySet<Value>; overflowing?: ReadonlySet<Node> } = {},
): HalfPlan {
  const half = new Set<Node>()
  const blocked = new Map<Node, string>()
  for (const inner of graphsOf(graph)) {
    for (const node of inner.nodes.toReversed()) {
      if (!touchesFloat(node)) continue
      const reason = kept.has(node)
        ? 'it is kept as asked'
        : overflowing.has(node)
          ? 'its values pass the range of float16 on the calibration samples'
          : (objection(node, beyond) ?? angleObjection(node, blocked))
      if (reason === null) half.add(node)
      else blocked.set(node, reason)
    }
  }
  for (const inner of graphsOf(graph)) for (const node of inner.nodes) followSums(node, half, blocked)
  return { half, blocked }
}

const sums = needFloat.ReduceMean as string
/** What norms do with a mean of squares before it divides anything. */
const afterSums = new Set(['Add', 'Sqrt', 'Reciprocal'])

/** A mean of squares may pass the range of float16, and the small term that is added to it may vanish: its root is taken in float32. */
function followSums(node: Node, half: Set<Node>, blocked: Map<Node, string>): void {
  if (!half.has(node) || !afterSums.has(node.opType)) return
  if (!node.inputs.some((value) => value?.producer != null && blocked.get(value.producer) === sums)) return
  half.delete(node)
  blocked.set(node, sums)
}

function objection(node: Node, beyond: ReadonlySet<Value>): string | null {
  if (subgraphsOf(node).length > 0) return 'its subgraphs have float32 borders'
  if ([...node.inputs, ...node.outputs].some((value) => value !== null && value.name !== '' && value.type?.kind !== 'tensor'))
    return 'the types around it are not known'
  if (node.domain === 'com.microsoft') return contribWithHalf.has(node.opType) ? null : 'it is not defined for float16'
  if (node.domain !== '') return `operators of ${node.domain} are not known to take float16`
  if (node.inputs.some(vanishes)) return 'a constant that it reads is 0 in float16'
  if (isWeighted(node) && node.inputs.some((value) => value !== null && beyond.has(value))) return 'its weights pass the range of float16'
  if (scalesSums(node)) return 'sums of 8-bit products pass the range of float16'
  return needFloat[node.opType] ?? null
}

const integerProducts = new Set(['MatMulInteger', 'ConvInteger'])

/** From the sums of 8-bit products, and the scale of their activations, to the numbers that they stand for. */
function scalesSums(node: Node): boolean {
  if (castsSums(node)) return true
  const from = node.inputs.map((value) => value?.producer ?? null)
  return node.opType === 'Mul' && from.some((made) => made !== null && (made.opType === 'DynamicQuantizeLinear' || castsSums(made)))
}

const castsSums = ({ opType, inputs }: Node): boolean => opType === 'Cast' && integerProducts.has(inputs[0]?.producer?.opType ?? '')

/** Operators whose constants are sizes. Constants of others may be masks, for which the largest half serves. */
const weighted = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'BatchNormalization', 'InstanceNormalization'])

const isWeighted = ({ domain, opType }: Node): boolean => domain === '' && weighted.has(opType)

/** A constant number that is too small for float16: the epsilon of a norm. */
function vanishes(value: Value | null): boolean {
  const tensor = value?.constant
  if (tensor?.ref.dtype !== 'float32' || countOf(tensor.ref.dims) !== 1) return false
  const [number = 0] = numbersOf(tensor)
  return number !== 0 && (numberToHalf(number) & 0x7fff) === 0
}

/** What is only computed to become an angle stays as exact as the angle: positions times frequencies of rotary embeddings. */
function angleObjection(node: Node, blocked: ReadonlyMap<Node, string>): string | null {
  const reason = needFloat.Cos as string
  const uses = node.outputs.flatMap((output) => output.uses)
  if (uses.length === 0 || node.outputs.some((output) => output.isOutput)) return null
  return uses.every(({ node: reader }) => blocked.get(reader) === reason) ? reason : null
}
