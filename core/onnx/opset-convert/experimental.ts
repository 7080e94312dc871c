import { floatOf, floatsOf } from '../../ir/attributes.ts'
import { isFloat } from '../../ir/dtype.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { type Adapter, inputOf, lacksInput, substitute } from './adapter.ts'

/**
 * Operators of ONNX's first, experimental set, which went with opset 10. Early converters wrote them at the entry of image models, and onnxruntime
 * still runs them. What they mean: onnx/defs/experiments of ONNX 1.4.
 */

/** `scale * x + bias[c]` of an image [n, c, h, w]. */
export const imageScalerToArithmetic: Adapter = (node, { dtypeOf }) => {
  const x = inputOf(node, 0)
  const bias = floatsOf(node, 'bias')
  if (x === null || bias === null) return x === null ? lacksInput(0) : 'it has no bias'
  return arithmetic(node, x, dtypeOf(x), { scale: floatOf(node, 'scale', 1), bias, shape: [bias.length, 1, 1] })
}

/** `alpha * x + beta`. */
export const affineToArithmetic: Adapter = (node, { dtypeOf }) => {
  const x = inputOf(node, 0)
  if (x === null) return lacksInput(0)
  return arithmetic(node, x, dtypeOf(x), { scale: floatOf(node, 'alpha', 1), bias: [floatOf(node, 'beta', 0)], shape: [] })
}

interface Line {
  readonly scale: number
  readonly bias: readonly number[]
  readonly shape: readonly number[]
}

function arithmetic(
  node: Node,
  x: Value,
  dtype: ReturnType<Parameters<Adapter>[1]['dtypeOf']>,
  { scale, bias, shape }: Line,
): string | null {
  if (dtype === null || !isFloat(dtype)) return 'the element type of its input is not known'
  const { graph, origins } = node
  const constant = (name: string, dims: readonly number[], values: readonly number[]) =>
    graph.addConstant(`${node.outputs[0]?.name}_${name}`, tensorFrom(dtype, dims, values))
  const made = { origins, at: node }
  const scaled = graph.addNode({ opType: 'Mul', inputs: [x, constant('scale', [], [scale])], ...made }).outputs[0] as Value
  const moved = graph.addNode({ opType: 'Add', inputs: [scaled, constant('bias', shape, bias)], ...made }).outputs[0] as Value
  substitute(node, moved)
  return null
}
