import { numbersOf } from '../../ir/numbers.ts'
import type { Node } from '../../ir/value.ts'
import { tensorrtOperators } from './operators.ts'

/** Why TensorRT does not take a node, or `true`. */
export function legalInTensorrt(node: Node): true | string {
  if (node.domain !== '') return `TensorRT takes standard operators only, not ${node.domain}.${node.opType}`
  if (!tensorrtOperators.has(node.opType)) return `TensorRT's ONNX parser does not take ${node.opType}`
  if (node.opType === 'QuantizeLinear' || node.opType === 'DequantizeLinear') return legalGrid(node)
  const wide = node.inputs.find((input) => input?.type?.kind === 'tensor' && input.type.dtype === 'float64')
  return wide == null ? true : `TensorRT computes in float32 at most, and '${wide.name}' is float64`
}

const gridTypes = new Set(['int8', 'int4', 'float8e4m3fn'])

/** TensorRT quantizes symmetrically: signed codes, zero point 0. */
function legalGrid(node: Node): true | string {
  const codes = node.opType === 'QuantizeLinear' ? node.outputs[0] : node.inputs[0]
  const dtype = codes?.type?.kind === 'tensor' ? codes.type.dtype : null
  if (dtype !== null && !gridTypes.has(dtype)) return `TensorRT quantizes to int8, int4 or float8, not to ${dtype}`
  const zeroPoint = node.inputs[2]
  if (zeroPoint == null || dtype === 'float8e4m3fn') return true
  const constant = zeroPoint.constant
  if (constant === null) return 'TensorRT wants a constant zero point'
  return numbersOf(constant).every((number) => number === 0) ? true : 'TensorRT wants zero points of 0'
}
