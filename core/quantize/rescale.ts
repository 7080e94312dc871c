import type { Graph } from '../ir/graph.ts'
import { float32Tensor, floatsOf } from '../ir/numbers.ts'
import type { Node, Value } from '../ir/value.ts'
import { convolutionOf, floatConstant, isRefusal, productOf } from './operand.ts'
import { dropUnread, Substitute } from './substitute.ts'

/** Divides the channels of a value by positive factors, one a channel, inside of what computes it: nothing runs more than before. */
export type Divide = (factors: Float32Array) => void

/** Where the channels of a value lie: axis 1 of what convolutions compute, the last axis of what products compute. */
export type ChannelAxis = 'second' | 'last'

/** Norms, and which of their inputs scale and shift the channels of their first output. */
const normalizations: Readonly<Record<string, readonly number[]>> = {
  LayerNormalization: [1, 2],
  SimplifiedLayerNormalization: [1],
  RMSNormalization: [1],
  SkipLayerNormalization: [2, 3],
  SkipSimplifiedLayerNormalization: [2],
}
/** f(x / s) = f(x) / s for positive s. */
const homogeneous = new Set(['Relu', 'LeakyRelu', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'Identity'])
/** Those that keep the last axis as it is. */
const elementwise = new Set(['Relu', 'LeakyRelu', 'Identity'])

/** How the channels of a value can be divided where it is made; `null` when its producer cannot take the factors in. */
export function dividerOf(value: Value, axis: ChannelAxis, channels: number): Divide | null {
  const node = value.producer
  if (node === null || value.isOutput || value !== node.outputs[0]) return null
  const gains = normalizations[node.opType]
  if (gains !== undefined) return axis === 'last' ? vectors(node, gains, channels) : null
  if (node.domain !== '') return null
  if (axis === 'second' ? homogeneous.has(node.opType) : elementwise.has(node.opType)) return through(node.inputs[0], axis, channels)
  if (node.opType === 'Mul') return factorOf(node, axis, channels)
  if (node.opType === 'Add' && axis === 'last') return biased(node, channels)
  return axis === 'last' ? product(node, channels) : convolution(node, channels)
}

/** Through an operand that nobody else reads. */
function through(value: Value | null | undefined, axis: ChannelAxis, channels: number): Divide | null {
  return value != null && value.uses.length === 1 ? dividerOf(value, axis, channels) : null
}

/** A product of two computed values is divided in one of them; a factor that is a constant vector takes the division itself. */
function factorOf(node: Node, axis: ChannelAxis, channels: number): Divide | null {
  if (axis === 'second') return null
  for (const index of [0, 1]) {
    const divide = vectors(node, [index], channels)
    if (divide !== null) return divide
  }
  // Of a gate only the factor that is computed linearly can be divided.
  return through(node.inputs[1], axis, channels) ?? through(node.inputs[0], axis, channels)
}

function biased(node: Node, channels: number): Divide | null {
  for (const index of [0, 1]) {
    const bias = vectors(node, [index], channels)
    const rest = bias && through(node.inputs[1 - index], 'last', channels)
    if (bias && rest) {
      return (factors) => {
        bias(factors)
        rest(factors)
      }
    }
  }
  return null
}

/** Constant vectors among the inputs, at least the first of those named. */
function vectors(node: Node, indices: readonly number[], channels: number): Divide | null {
  const found = indices.filter((index) => node.inputs[index] != null)
  if (found.length === 0 || !found.every((index) => isVector(node.inputs[index] as Value, channels))) return null
  return (factors) => {
    for (const index of found) replace(node, index, (values) => values.map((value, n) => value / (factors[n] as number)))
  }
}

function isVector(value: Value, channels: number): boolean {
  const dims = floatConstant(value)?.ref.dims
  return dims !== undefined && dims.at(-1) === channels && dims.slice(0, -1).every((dim) => dim === 1)
}

function product(node: Node, channels: number): Divide | null {
  const found = productOf(node)
  if (found === null || isRefusal(found) || found.transpose !== null || found.matrix.channels !== channels) return null
  const { layout, depth } = found.matrix
  if (found.bias !== null && !isVector(found.bias.value, channels)) return null
  return (factors) => {
    const channelOf = (at: number) => (layout === 'columns' ? at % channels : Math.floor(at / depth))
    replace(node, 1, (values) => values.map((value, at) => value / (factors[channelOf(at)] as number)))
    if (found.bias !== null) replace(node, 2, (values) => values.map((value, n) => value / (factors[n] as number)))
  }
}

function convolution(node: Node, channels: number): Divide | null {
  const found = convolutionOf(node)
  if (found === null || found.matrix.channels !== channels || (found.bias !== null && found.bias.constant === null)) return null
  return (factors) => {
    replace(node, 1, (values) => values.map((value, at) => value / (factors[Math.floor(at / found.matrix.depth)] as number)))
    if (found.bias !== null) replace(node, 2, (values) => values.map((value, n) => value / (factors[n] as number)))
  }
}

/** Multiplies what a node's weights make of each channel of its input: the counterpart of a division before it. */
export type Multiply = (factors: Float32Array) => void

/** How the weights of a reader can take factors of its input's channels in; `null` for other nodes. */
export function multiplierOf(node: Node, axis: ChannelAxis, channels: number): Multiply | null {
  return axis === 'last' ? productInputs(node, channels) : convolutionInputs(node, channels)
}

function productInputs(node: Node, channels: number): Multiply | null {
  const found = productOf(node)
  if (found === null || isRefusal(found) || found.transpose !== null || found.matrix.depth !== channels) return null
  const { layout, channels: outputs, depth } = found.matrix
  const positionOf = (at: number) => (layout === 'columns' ? Math.floor(at / outputs) : at % depth)
  return (factors) => replace(node, 1, (values) => values.map((value, at) => value * (factors[positionOf(at)] as number)))
}

function convolutionInputs(node: Node, channels: number): Multiply | null {
  const found = convolutionOf(node)
  const inputs = found?.tensor.ref.dims[1]
  if (found === null || inputs === undefined) return null
  const positions = found.matrix.depth / inputs
  if (found.depthwise && found.matrix.channels === channels)
    return (factors) => replace(node, 1, (values) => values.map((value, at) => value * (factors[Math.floor(at / positions)] as number)))
  if (inputs !== channels) return null
  return (factors) =>
    replace(node, 1, (values) => values.map((value, at) => value * (factors[Math.floor(at / positions) % inputs] as number)))
}

/** Gives a node a changed copy of a constant; others that read the constant keep it. */
function replace(node: Node, index: number, change: (values: Float32Array) => Float32Array): void {
  const value = node.inputs[index] as Value
  const tensor = value.constant
  if (tensor === null) return
  const graph = node.graph as Graph
  graph.setInput(node, index, Substitute.constant(value, '_scaled', float32Tensor(tensor.ref.dims, change(floatsOf(tensor)))))
  dropUnread([value])
}
