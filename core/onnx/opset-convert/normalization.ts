import { int, intOf } from '../../ir/attributes.ts'
import { int64Tensor } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { type Adapter, inputOf, intsFor, lacksInput, withoutAttributes } from './adapter.ts'

/** `spatial` went; statistics for each place instead of each channel can no longer be said. */
export const batchNormSpatial: Adapter = (node) => {
  if (intOf(node, 'spatial', 1) !== 1) return 'it has statistics for each place, which newer versions do not'
  node.graph.setAttributes(node, withoutAttributes(node.attributes, 'spatial'))
  return null
}

/** What was training by the number of outputs is an attribute now; a call for inference has one output before and after. */
export const batchNormTraining: Adapter = (node) =>
  node.outputs.slice(1).some(({ name }) => name !== '') ? 'it computes statistics for training' : null

/** Scale and bias were one for each group and are one for each channel: each is repeated for the channels of its group. */
export const groupNormPerChannel: Adapter = (node) => {
  const x = inputOf(node, 0)
  const groups = intOf(node, 'num_groups', 0)
  const scale = inputOf(node, 1)
  const bias = inputOf(node, 2)
  if (x === null || scale === null || bias === null || groups <= 0) return lacksInput(2)
  const { graph } = node
  const perGroup = channelsPerGroup(node, x, groups)
  for (const [index, value] of [scale, bias].entries()) graph.setInput(node, 1 + index, repeated(node, value, perGroup))
  return null
}

/** [1, channels / groups], computed from the input's shape. */
function channelsPerGroup(node: Node, x: Value, groups: number): Value {
  const { graph, origins } = node
  const made = { origins, at: node }
  const channels = graph.addNode({ opType: 'Shape', inputs: [x], attributes: { start: int(1), end: int(2) }, ...made }).outputs[0] as Value
  const quotient = graph.addNode({ opType: 'Div', inputs: [channels, intsFor(node, 'groups', [groups])], ...made }).outputs[0] as Value
  return graph.addNode({ opType: 'Concat', inputs: [intsFor(node, 'one', [1]), quotient], attributes: { axis: int(0) }, ...made })
    .outputs[0] as Value
}

function repeated(node: Node, value: Value, shape: Value): Value {
  const { graph, origins } = node
  const made = { origins, at: node }
  const column = graph.addConstant('column', int64Tensor([-1, 1]))
  const row = graph.addConstant('row', int64Tensor([-1]))
  const tall = graph.addNode({ opType: 'Reshape', inputs: [value, column], ...made }).outputs[0] as Value
  const wide = graph.addNode({ opType: 'Expand', inputs: [tall, shape], ...made }).outputs[0] as Value
  return graph.addNode({ opType: 'Reshape', inputs: [wide, row], ...made }).outputs[0] as Value
}
