import type { Graph } from '../../ir/graph.ts'
import type { Tensor } from '../../ir/tensor.ts'
import { constantText } from '../../ir/text.ts'
import type { Attribute, Node } from '../../ir/value.ts'
import { graphsOf, subgraphsOf } from '../../ir/walk.ts'
import type { Sweep } from '../../rewrite/rule.ts'

/** Operators whose result is not the same every time. */
const random = /^(Random|Bernoulli|Multinomial|Dropout$)/

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
  if (random.test(node.opType) || subgraphsOf(node).length > 0 || node.inputs.length === 0) return null
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

function attributeKey(attribute: Attribute): string {
  if (attribute.type === 'tensor') return tensorKey(attribute.value)
  if (attribute.type === 'encoded') return Buffer.from(attribute.value).toString('hex')
  return 'value' in attribute ? `${attribute.type} ${JSON.stringify(attribute.value)}` : ''
}
