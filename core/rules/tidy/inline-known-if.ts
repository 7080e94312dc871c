import { graphOf } from '../../ir/attributes.ts'
import { forkGraph } from '../../ir/fork.ts'
import { Graph } from '../../ir/graph.ts'
import type { Attribute, Attributes, Value } from '../../ir/value.ts'
import { subgraphsOf } from '../../ir/walk.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

export const inlineKnownIf = rule({
  id: 'inline-known-if',
  summary: 'An If whose condition is known is the branch that it takes.',
  fidelity: 'exact',
  pattern: op('If', [constant('condition')], 'if'),
  rewrite({ condition, if: node }, draft) {
    const branch = graphOf(node, scalarOf(condition.constant) === 0 ? 'else_branch' : 'then_branch')
    return branch === null ? reject('the branch is missing', node) : inline(branch, draft)
  },
})

/** Copies a subgraph into the graph around it; what it reads from outside stays as it is. */
function inline(branch: Graph, draft: Draft): readonly Value[] {
  const copies = new Map<Value, Value>()
  const find = (value: Value): Value => copies.get(value) ?? value
  for (const value of branch.initializers) if (value.initializer !== null) copies.set(value, draft.constant(value.initializer, value.name))
  for (const node of branch.nodes) {
    const type = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`
    const inputs = node.inputs.map((value) => (value === null ? null : find(value)))
    const outputs = draft.ops(type, inputs, copiedAttributes(node.attributes, draft.graph, copies), {
      outputs: node.outputs.length,
      name: node.name,
    })
    outputs.forEach((output, i) => {
      copies.set(node.outputs[i] as Value, output)
    })
  }
  return branch.outputs.map(find)
}

function copiedAttributes(attributes: Attributes, parent: Graph, copies: ReadonlyMap<Value, Value>): Record<string, Attribute> {
  const copy = (graph: Graph): Graph => {
    const inner = new Graph(parent.model, parent)
    const known = new Map(copies)
    for (const value of readFromOutside(graph)) if (!known.has(value)) known.set(value, value)
    forkGraph(graph, inner, known)
    return inner
  }
  return Object.fromEntries(
    [...attributes].map(([name, attribute]): [string, Attribute] => {
      if (attribute.type === 'graph') return [name, { type: 'graph', value: copy(attribute.value) }]
      return attribute.type === 'graphs' ? [name, { type: 'graphs', value: attribute.value.map(copy) }] : [name, attribute]
    }),
  )
}

function readFromOutside(graph: Graph): readonly Value[] {
  return graph.nodes.flatMap((node) => [
    ...node.inputs.filter((value): value is Value => value !== null && value.graph !== graph),
    ...subgraphsOf(node).flatMap(readFromOutside),
  ])
}
