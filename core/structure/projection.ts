import type { Node, Value } from '../ir/value.ts'
import { shapeOf } from '../shapes/shape-facts.ts'

/** Operators that multiply by a matrix of weights, in float or fewer bits. */
export const products: ReadonlySet<string> = new Set([
  'MatMul',
  'Gemm',
  'FusedMatMul',
  'FusedGemm',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'QLinearMatMul',
  'QGemm',
  'MatMulNBits',
  ...['Conv', 'FusedConv', 'ConvTranspose', 'ConvInteger', 'QLinearConv'],
])

/** Operators that pass a value on, so that what lies before them is still "the projection": biases, views, pooling, rotary embedding, quantization. */
const passing: ReadonlySet<string> = new Set([
  ...['Add', 'Mul', 'Reshape', 'Transpose', 'Split', 'Slice', 'Squeeze', 'Unsqueeze', 'Cast', 'Identity'],
  ...['QuantizeLinear', 'DequantizeLinear', 'Rotary', 'RotaryEmbedding', 'Concat', 'MaxPool', 'AveragePool'],
])

/** How many operators may lie between a projection and where it is used. */
const farthest = 12

/** The product with weights from which a value comes, seen through biases, views and caches; `null` when it comes from something else. */
export function projectionBefore(value: Value | null | undefined, steps = farthest): Node | null {
  const node = value?.producer ?? null
  if (node === null || steps === 0) return null
  if (products.has(node.opType) && readsWeights(node)) return node
  if (!passing.has(node.opType) && !isPart(node)) return null
  const computed = node.inputs.filter((input) => input !== null && input.constant === null)
  // A cache is joined with what is new: either input may hold the projection.
  for (const input of node.opType === 'Concat' ? computed : computed.slice(0, 1)) {
    const found = projectionBefore(input, steps - 1)
    if (found !== null) return found
  }
  return null
}

/** A part of a packed projection, picked by a fixed number: a lookup in a table reads a constant by computed numbers instead. */
const isPart = ({ opType, inputs: [data, indices] }: Node): boolean =>
  ['Gather', 'GatherND'].includes(opType) && data?.constant === null && indices?.constant != null

/** What is done to queries and keys of each head between their projection and their product (QK-norm, cosine attention). */
const normalizing: ReadonlySet<string> = new Set([
  ...['Norm', 'LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization', 'LpNormalization', 'Div'],
])

/** The projection of queries, keys or values, seen through what normalizes them too. */
export function projectionOfHeads(value: Value | null | undefined, steps = farthest): Node | null {
  const direct = projectionBefore(value, steps)
  if (direct !== null) return direct
  for (let [at, left] = [value, steps]; at?.producer != null && left > 0; left--) {
    const { producer } = at
    const input = producer.inputs.find((each) => each !== null && each.constant === null)
    if (normalizing.has(producer.opType)) return normalized(producer.inputs[0] as Value, left - 1)
    if (!passing.has(producer.opType) && !isPart(producer)) return null
    at = input
  }
  return null
}

/** What is normalized, where it is heads, or a projection at once: a normalization of the whole layer stands before other parts than heads. */
function normalized(value: Value, steps: number): Node | null {
  if (shapeOf(value)?.length === 4) return projectionBefore(value, steps)
  const node = value.producer?.opType === 'Add' ? value.producer.inputs.find((input) => input?.constant === null)?.producer : value.producer
  return node != null && products.has(node.opType) && readsWeights(node) ? node : null
}

/** Whether one factor is a constant, perhaps behind what is computed from constants alone: a DequantizeLinear, a part of packed weights. */
export const readsWeights = (node: Node): boolean => node.inputs.some((input) => input !== null && (fixedDims(input)?.length ?? 0) >= 2)

/** How many operators may lie between stored weights and the product. */
const farthestWeight = 4

/** Dims of the constant that a value is computed from. */
function fixedDims({ constant, producer }: Value, steps = farthestWeight): readonly number[] | null {
  if (constant !== null) return constant.ref.dims
  const [first, ...others] = producer?.inputs ?? []
  if (first == null || steps === 0 || others.some((other) => other !== null && other.constant === null)) return null
  return fixedDims(first, steps - 1)
}

/** The products with weights that read a value, seen through views, quantization and the selection of positions. */
export function projectionsAfter(value: Value, farthestStep = 6): readonly Node[] {
  const found: Node[] = []
  const seen = new Set<Node>()
  let edge = [value]
  for (let step = 0; edge.length > 0 && step < farthestStep; step++) {
    const next: Value[] = []
    for (const { node } of edge.flatMap(({ uses }) => uses)) {
      if (seen.has(node)) continue
      seen.add(node)
      if (products.has(node.opType) && readsWeights(node)) found.push(node)
      else if (views.has(node.opType)) next.push(...node.outputs)
    }
    edge = next
  }
  return found
}

const views: ReadonlySet<string> = new Set([
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'Identity',
  'Gather',
  'Slice',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
])
