import { int, intOf } from '../../ir/attributes.ts'
import { int64Tensor } from '../../ir/numbers.ts'
import type { Value } from '../../ir/value.ts'
import { type Adapter, inputOf, lacksInput, substitute, withoutAttributes } from './adapter.ts'

/**
 * Before version 13 all axes from `axis` on were one; since then it is one axis alone. Where `axis` is the last one both are the same, else
 * the tensor is flattened for the call and given its shape back. (ONNX changelog, Softmax-13.)
 */
export const softmaxOverOneAxis: Adapter = (node) => {
  const x = inputOf(node, 0)
  if (x === null) return lacksInput(0)
  const axis = intOf(node, 'axis', 1)
  const rank = x.type?.kind === 'tensor' ? (x.type.shape?.length ?? null) : null
  const attributes = withoutAttributes(node.attributes, 'axis').set('axis', int(-1))
  if (axis === -1 || (rank !== null && axis === rank - 1)) {
    node.graph.setAttributes(node, attributes)
    return null
  }
  const { graph, name, origins } = node
  const whole = { origins, at: node }
  const shape = graph.addNode({ opType: 'Shape', inputs: [x], ...whole }).outputs[0] as Value
  const flat = graph.addNode({ opType: 'Flatten', inputs: [x], attributes: { axis: int(axis) }, ...whole }).outputs[0] as Value
  const result = graph.addNode({ opType: node.opType, name, inputs: [flat], attributes, ...whole }).outputs[0] as Value
  const back = graph.addNode({ opType: 'Reshape', inputs: [result, shape], ...whole }).outputs[0] as Value
  graph.setType(shape, { kind: 'tensor', dtype: 'int64', shape: rank === null ? [null] : [rank] })
  substitute(node, back)
  return null
}

/** Scatter was renamed to ScatterElements. */
export const scatterRenamed: Adapter = (node) => {
  const { graph, name, inputs, attributes, origins } = node
  substitute(node, graph.addNode({ opType: 'ScatterElements', name, inputs, attributes, origins, at: node }).outputs[0] as Value)
  return null
}

/** `axis` moves from an attribute to input 2 (DFT). */
export const axisToInput: Adapter = (node) => {
  const axis = intOf(node, 'axis', 1)
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'axis'))
  const constant = node.graph.addConstant(`${node.outputs[0]?.name ?? 'dft'}_axis`, int64Tensor([axis], []))
  if (node.inputs.length < 2) node.graph.setInput(node, 1, null)
  node.graph.setInput(node, 2, constant)
  return null
}
