import { int, intOf } from '../ir/attributes.ts'
import type { Model } from '../ir/model.ts'
import { arrayBytes, float32Tensor } from '../ir/numbers.ts'
import { countOf, type Tensor, tensorOf } from '../ir/tensor.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { EightBitOptions, EightBitWeights } from './eight-bit.ts'
import { floatConstant } from './operand.ts'
import { notFinite } from './problems.ts'
import { dropUnread, Substitute } from './substitute.ts'
import { transposed, type WeightMatrix } from './weight-matrix.ts'
import type { Workers } from './workers.ts'

/** An LSTM or GRU whose weights are constant: [directions, gates, inputs] and [directions, gates, hidden]. */
interface Recurrent {
  readonly node: Node
  readonly kind: 'LSTM' | 'GRU'
  readonly weights: readonly [RecurrentWeight, RecurrentWeight]
}

interface RecurrentWeight {
  readonly value: Value
  readonly tensor: Tensor
  /** All directions' gates as the channels of one matrix. */
  readonly matrix: Omit<WeightMatrix, 'values'>
}

/** The recurrent operator with constant float weights that a node is; `null` for others. */
function recurrentOf(node: Node): Recurrent | null {
  if (node.domain !== '' || (node.opType !== 'LSTM' && node.opType !== 'GRU')) return null
  const [input, recurrence] = [weightAt(node.inputs[1]), weightAt(node.inputs[2])]
  return input && recurrence ? { node, kind: node.opType, weights: [input, recurrence] } : null
}

function weightAt(value: Value | null | undefined): RecurrentWeight | null {
  const tensor = value ? floatConstant(value) : null
  if (!value || tensor?.ref.dtype !== 'float32' || tensor.ref.dims.length !== 3) return null
  const [directions = 1, gates = 1, depth = 1] = tensor.ref.dims
  return { value, tensor, matrix: { layout: 'rows', channels: directions * gates, depth } }
}

/** Why an LSTM cannot run as DynamicQuantizeLSTM. */
function lstmObjection({ node }: Recurrent): string | null {
  return intOf(node, 'layout', 0) === 0 ? null : 'its layout puts the batch first'
}

/** LSTM as DynamicQuantizeLSTM, which quantizes its activations step by step. */
function rewriteLstm({ node, weights }: Recurrent, eight: readonly [EightBitWeights, EightBitWeights]): void {
  const make = new Substitute(node)
  const [input, recurrence] = weights.map((weight, index) => dynamicConstants(weight, eight[index] as EightBitWeights))
  const rest = Array.from({ length: 5 }, (_, index) => node.inputs[3 + index] ?? null)
  const [w, wScale, wZero] = input as Constants
  const [r, rScale, rZero] = recurrence as Constants
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'layout'))
  const outputs = make.ops('DynamicQuantizeLSTM', [node.inputs[0] as Value, w, r, ...rest, wScale, wZero, rScale, rZero], {
    domain: 'com.microsoft',
    attributes,
    outputs: node.outputs.length,
  })
  make.finishAll(outputs)
  const { model } = make.graph
  model.opsets.set('com.microsoft', model.opsets.get('com.microsoft') ?? 1)
}

type Constants = readonly [Value, Value, Value]

/** Stored with the sum first, [directions, depth, gates], scales and zero points a gate. */
function dynamicConstants({ value, tensor, matrix }: RecurrentWeight, { values, scales, zeroPoint }: EightBitWeights): Constants {
  const [directions = 1, gates = 1] = tensor.ref.dims
  const { depth } = matrix
  const size = gates * depth
  const turned = new Uint8Array(values.length)
  for (let direction = 0; direction < directions; direction++) {
    const part = transposed(values.slice(direction * size, (direction + 1) * size), gates, depth)
    turned.set(arrayBytes(part), direction * size)
  }
  const dtype = values instanceof Int8Array ? 'int8' : 'uint8'
  const perGate = scales.length > 1
  const dims = perGate ? [directions, gates] : [directions]
  const count = perGate ? scales.length : directions
  const spread = perGate ? scales : new Float32Array(directions).fill(scales[0] as number)
  return [
    Substitute.constant(value, '_quantized', tensorOf(dtype, [directions, depth, gates], turned)),
    Substitute.constant(value, '_scale', float32Tensor(dims, spread)),
    Substitute.constant(value, '_zero_point', tensorOf(dtype, dims, new Uint8Array(count).fill(zeroPoint))),
  ]
}

/** What the two weights of a recurrent operator are for; in one model no two nodes may have one name. */
const places = ['weights', 'recurrence'] as const

/** GRU has no 8-bit form: its weights are stored in 8 bits and computed with in float. */
function storeWeights({ node, weights }: Recurrent, eight: readonly [EightBitWeights, EightBitWeights]): void {
  weights.forEach(({ value, tensor, matrix }, index) => {
    const make = new Substitute(node)
    const { values, scales, zeroPoint } = eight[index] as EightBitWeights
    const dtype = values instanceof Int8Array ? 'int8' : 'uint8'
    const perGate = scales.length > 1
    const shape = perGate ? [scales.length] : []
    const flat = tensorOf(dtype, [matrix.channels, matrix.depth], arrayBytes(values))
    const stored = Substitute.constant(value, '_quantized', flat)
    const scale = Substitute.constant(value, '_scale', float32Tensor(shape, scales))
    const zero = Substitute.constant(value, '_zero_point', tensorOf(dtype, shape, new Uint8Array(scales.length).fill(zeroPoint)))
    const real = make.op('DequantizeLinear', [stored, scale, zero], {
      suffix: `/dequantize-${places[index]}`,
      attributes: perGate ? { axis: int(0) } : {},
    })
    const dims = Substitute.constant(value, '_dims', dimsTensor(tensor.ref.dims))
    make.graph.setInput(node, 1 + index, make.op('Reshape', [real, dims], { suffix: `/${places[index]}` }))
  })
}

const dimsTensor = (dims: readonly number[]): Tensor =>
  tensorOf('int64', [dims.length], new Uint8Array(BigInt64Array.from(dims, BigInt).buffer))

/** Recurrent operators with constant float weights. */
export const recurrentNodes = (model: Model): readonly Node[] => [...allNodes(model.graph)].filter((node) => recurrentOf(node) !== null)

/** Elements of the constant float weights of a recurrent operator; `null` for other nodes. */
export function recurrentElements(node: Node): number | null {
  const found = recurrentOf(node)
  return found === null ? null : found.weights.reduce((sum, { tensor }) => sum + countOf(tensor.ref.dims), 0)
}

export interface RecurrentOptions {
  /** The pass that does it, for the lineage. */
  readonly rule: string
  readonly kept: ReadonlySet<Node>
  readonly grid: EightBitOptions
  /** Weights with fewer elements stay in float. */
  readonly smallest: number
  /** Whether the target has DynamicQuantizeLSTM, one of ONNX Runtime's own operators. */
  readonly withLstm: boolean
}

export interface RecurrentResult {
  /** LSTMs that compute in 8 bits, and recurrent operators whose weights alone are stored so. */
  readonly computed: number
  readonly stored: number
}

/** Quantizes the recurrent operators of a model. */
export async function quantizeRecurrent(model: Model, options: RecurrentOptions, workers: Workers): Promise<RecurrentResult> {
  const { rule, kept, grid, smallest, withLstm } = options
  let computed = 0
  let stored = 0
  for (const node of [...allNodes(model.graph)]) {
    const found = recurrentOf(node)
    if (found === null || kept.has(node) || found.weights.some(({ tensor }) => tensor.ref.length / 4 < smallest)) continue
    const compute = withLstm && found.kind === 'LSTM' && lstmObjection(found) === null
    const [input, recurrence] = await Promise.all(
      found.weights.map(({ tensor, matrix }) => workers.run('eight-bit', tensor, { matrix, grid: { ...grid, summed: compute } })),
    )
    const eight = [input, recurrence] as [EightBitWeights, EightBitWeights]
    if (!eight.every(({ finite }) => finite)) throw notFinite(found.weights[0].value.name)
    model.lineage.during(rule, `the weights of ${found.kind} '${node.name}' are stored in 8 bits`, () => {
      if (compute) rewriteLstm(found, eight)
      else storeWeights(found, eight)
      dropUnread(found.weights.map(({ value }) => value))
    })
    if (compute) computed++
    else stored++
  }
  return { computed, stored }
}
