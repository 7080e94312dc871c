import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { float32Tensor } from '../ir/numbers.ts'
import type { Node, NodeId, Value } from '../ir/value.ts'
import type { BlockOptions } from './block-weights.ts'
import type { EightBitWeights } from './eight-bit.ts'
import type { LowPrecision } from './mixture.ts'
import { convolutionOf, isRefusal, productOf } from './operand.ts'
import { notFinite } from './problems.ts'
import { roundedBack } from './rounded-back.ts'
import type { Weighted } from './static-plan.ts'
import type { WeightMatrix } from './weight-matrix.ts'
import type { Workers } from './workers.ts'

/** The product or convolution with constant weights that a node is; `null` for other nodes. */
export function weightedAt(node: Node): Weighted | null {
  const product = productOf(node)
  if (product !== null && !isRefusal(product)) return { kind: 'product', found: product }
  const convolution = convolutionOf(node)
  return convolution && { kind: 'convolution', found: convolution }
}

const blocks: BlockOptions = { bits: 4, block: 32, symmetric: false, levels: 'uniform', method: 'rtn', form: 'nbits' }

/**
 * The weights of a node as a precision holds them, in float and in the layout in which they are stored.
 * @throws ProblemError when a weight is NaN or infinite
 */
export async function roundedWeights({ kind, found }: Weighted, precision: LowPrecision, workers: Workers): Promise<Float32Array> {
  const { matrix, tensor, weight } = found
  if (precision === 'int4') {
    const weights = await workers.run('blocks', tensor, { matrix, grid: blocks })
    if (!weights.finite) throw notFinite(weight.name)
    return roundedBack(weights, matrix, blocks)
  }
  const summed = !(kind === 'convolution' && found.depthwise)
  const weights = await workers.run('eight-bit', tensor, { matrix, grid: { grid: 'pair-safe', perChannel: true, summed } })
  if (!weights.finite) throw notFinite(weight.name)
  return wholeBack(weights, matrix)
}

function wholeBack({ values, scales }: EightBitWeights, { channels, depth, layout }: Omit<WeightMatrix, 'values'>): Float32Array {
  const back = new Float32Array(values.length)
  for (let i = 0; i < back.length; i++)
    back[i] = (values[i] as number) * (scales[layout === 'columns' ? i % channels : Math.floor(i / depth)] as number)
  return back
}

/** A weight operand with other numbers, for a node that reads the one that was found: behind a Transpose where that one is. */
export function operandWith(graph: Graph, { kind, found }: Weighted, floats: Float32Array): Value {
  const constant = graph.addConstant(`${found.weight.name}_rounded`, float32Tensor(found.tensor.ref.dims, floats))
  if (kind === 'convolution' || found.transpose === null) return constant
  const { attributes } = found.transpose
  return graph.addNode({ opType: 'Transpose', attributes, inputs: [constant], at: found.node }).outputs[0] as Value
}

/** A float value as 8 bits hold it, on the grid of its own range in each run. Needs operator set 11. */
export function onOwnGrid(graph: Graph, value: Value): Value {
  const place = value.producer === null ? {} : { at: value.producer }
  const [whole, scale, zero] = graph.addNode({ ...place, opType: 'DynamicQuantizeLinear', inputs: [value], outputs: 3 }).outputs
  const inputs = [whole as Value, scale as Value, zero as Value]
  const real = graph.addNode({ ...place, opType: 'DequantizeLinear', inputs }).outputs[0] as Value
  if (value.type !== null) graph.setType(real, value.type)
  return real
}

/** The model with the weights of some nodes rounded to a precision, everything computed in float. */
export async function weightsRounded(model: Model, nodes: readonly NodeId[], precision: LowPrecision, workers: Workers): Promise<Model> {
  const version = model.fork()
  for (const each of weightedAmong(version, nodes))
    version.graph.setInput(each.found.node, 1, operandWith(version.graph, each, await roundedWeights(each, precision, workers)))
  return version
}

/** The model with the activations that some nodes read rounded to 8 bits, everything computed in float. */
export function activationsRounded(model: Model, nodes: readonly NodeId[]): Model {
  const version = model.fork()
  const rounded = new Map<Value, Value>()
  for (const { found } of weightedAmong(version, nodes)) {
    const grid = rounded.get(found.activation) ?? onOwnGrid(version.graph, found.activation)
    rounded.set(found.activation, grid)
    version.graph.setInput(found.node, 0, grid)
  }
  return version
}

export function weightedAmong(model: Model, nodes: readonly NodeId[]): Weighted[] {
  const wanted = new Set(nodes)
  return model.graph.nodes.flatMap((node) => (wanted.has(node.id) ? (weightedAt(node) ?? []) : []))
}
