import type { Graph } from '../../ir/graph.ts'
import type { Tensor } from '../../ir/tensor.ts'
import { constantText } from '../../ir/text.ts'
import type { Attribute, Node } from '../../ir/value.ts'
import { graphsOf, subgraphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'
import { isPure } from '../../shapes/pure.ts'

/** The same operator on the same inputs is computed once. */
export const mergeCommonSubexpressions: Sweep = {
  id: 'merge-common-subexpressions',
  summary: 'The same operator on the same inputs is computed once.',
  fidelity: 'exact',
  sweep: (model) => [...graphsOf(model.graph)].reduce((count, graph) => count + mergeIn(graph), 0),
}

function mergeIn(graph: Graph): number {
  const seen = new Map<string, Node>()
  let count = 0
  for (const node of graph.nodes) {
    const key = keyOf(node)
    const first = key === null ? undefined : seen.get(key)
    if (first === undefined) {
      if (key !== null) seen.set(key, node)
    } else if (merge(graph, first, node)) count += 1
  }
  return count
}

function merge(graph: Graph, first: Node, second: Node): boolean {
  // Two outputs of the model cannot be one value.
  if (second.outputs.some((output, i) => output.isOutput && first.outputs[i]?.isOutput)) return false
  if (second.outputs.some((output, i) => output.name !== '' && first.outputs[i]?.name === '')) return false
  second.outputs.forEach((output, i) => {
    const by = first.outputs[i]
    if (by !== undefined && output.name !== '') graph.replaceUses(output, by)
  })
  graph.addOrigins(first, second.origins)
  graph.removeNode(second)
  return true
}

function keyOf(node: Node): string | null {
  if (!isPure(node) || subgraphsOf(node).length > 0 || node.inputs.length === 0) return null
  const inputs = node.inputs.map((value) => value?.id ?? '')
  const attributes = [...node.attributes].map(([name, attribute]) => `${name}=${attributeKey(attribute)}`).sort()
  return `${node.domain}.${node.opType}.${node.overload}(${inputs.join()})${attributes.join()}#${node.outputs.length}`
}

/** Up to this many bytes a tensor is compared by content. */
const smallEnough = 64

function tensorKey(tensor: Tensor): string {
  const { blob, offset, length, dtype } = tensor.ref
  const small = length <= smallEnough && dtype !== 'string'
  return `${constantText(tensor)} ${small ? Buffer.from(tensor.read()).toString('hex') : `${blob} ${offset}`}`
}

/** All that an attribute says; JSON would lose signs of zero, numbers that are none, and digits of whole ones past 2^53. */
function attributeKey(attribute: Attribute): string {
  switch (attribute.type) {
    case 'tensor':
      return tensorKey(attribute.value)
    case 'tensors':
      return attribute.value.map(tensorKey).join('; ')
    case 'encoded':
      return hex(attribute.value)
    case 'string':
      return attribute.bytes === undefined ? JSON.stringify(attribute.value) : hex(attribute.bytes)
    case 'strings':
      return attribute.bytes === undefined ? JSON.stringify(attribute.value) : `[${attribute.bytes.map(hex).join()}]`
    case 'int':
      return `int ${attribute.exact ?? attribute.value}`
    case 'ints':
      return `ints ${(attribute.exact ?? attribute.value).join()}`
    case 'float':
      return `float ${numberKey(attribute.value)}`
    case 'floats':
      return `floats ${attribute.value.map(numberKey).join()}`
    case 'graph':
    case 'graphs':
      throw new Error('nodes with subgraphs are not compared')
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const numberKey = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
