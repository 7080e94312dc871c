import type { Node, Value } from '../../ir/value.ts'
import { axisOf, input, number, optional, output } from '../attributes.ts'
import type { Conversion, Lowering } from '../conversion.ts'

interface Norm {
  readonly source: number
  readonly dims: readonly number[]
  /** Dims with the normalized axes as 1. */
  readonly reduced: readonly number[]
  readonly axes: number
}

/** The value in ONNX order and the axes from `axis` to the last, over which it is normalized. */
function normOf(to: Conversion, value: Value, axis: number): Norm {
  const dims = to.dims(value)
  const first = axisOf(axis, dims.length)
  const over = dims.map((_, i) => i).slice(first)
  return { source: to.plain(value), dims, reduced: dims.map((dim, i) => (i < first ? dim : 1)), axes: to.ints(over) }
}

/** 1 / sqrt(mean + epsilon). */
function inverseDeviation(to: Conversion, mean: number, { dims, epsilon }: { dims: readonly number[]; epsilon: number }): number {
  const shifted = to.emit('ADD', { inputs: [mean, to.floats([epsilon])], dims, dtype: 'float32' })
  return to.emit('RSQRT', { inputs: [shifted], dims, dtype: 'float32' })
}

/** The mean and the factor, where the node gives them out. */
function putStatistics(to: Conversion, node: Node, statistics: readonly number[]): void {
  statistics.forEach((tensor, i) => {
    const result = node.outputs[i + 1]
    if (result !== undefined && result.name !== '') to.put(result, tensor)
  })
}

/** y = (x - mean) / sqrt(variance + epsilon) * scale + bias: the runtime has no kernel of its own. */
const layerNormalization: Lowering = ({ node, to }) => {
  const { source, dims, reduced, axes } = normOf(to, input(node, 0), number(node, 'axis', -1))
  const options = { keepDims: true }
  const whole = { dims, dtype: 'float32' as const }
  const mean = to.emit('MEAN', { inputs: [source, axes], dims: reduced, dtype: 'float32', options })
  const squared = to.emit('SQUARED_DIFFERENCE', { ...whole, inputs: [source, mean] })
  const variance = to.emit('MEAN', { inputs: [squared, axes], dims: reduced, dtype: 'float32', options })
  const factor = inverseDeviation(to, variance, { dims: reduced, epsilon: number(node, 'epsilon', 1e-5) })
  putStatistics(to, node, [mean, factor])
  const centred = to.emit('SUB', { ...whole, inputs: [source, mean] })
  const normal = to.emit('MUL', { ...whole, inputs: [centred, factor] })
  const scaled = to.emit('MUL', { ...whole, inputs: [normal, to.plain(input(node, 1))] })
  const bias = optional(node, 2)
  const name = output(node).name
  to.put(output(node), bias === null ? scaled : to.emit('ADD', { ...whole, inputs: [scaled, to.plain(bias)], name }))
}

/** y = x / sqrt(mean(x^2) + epsilon) * scale. */
const rmsNormalization: Lowering = ({ node, to }) => {
  const { source, dims, reduced, axes } = normOf(to, input(node, 0), number(node, 'axis', -1))
  const whole = { dims, dtype: 'float32' as const }
  const squared = to.emit('MUL', { ...whole, inputs: [source, source] })
  const mean = to.emit('MEAN', { inputs: [squared, axes], dims: reduced, dtype: 'float32', options: { keepDims: true } })
  const factor = inverseDeviation(to, mean, { dims: reduced, epsilon: number(node, 'epsilon', 1e-5) })
  const normal = to.emit('MUL', { ...whole, inputs: [source, factor] })
  to.put(output(node), to.emit('MUL', { ...whole, inputs: [normal, to.plain(input(node, 1))], name: output(node).name }))
}

export const normalization: Readonly<Record<string, Lowering>> = {
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
}
