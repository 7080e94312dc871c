import type { Graph } from './graph.ts'
import type { Model } from './model.ts'
import type { Node, NodeId } from './value.ts'
import { allNodes, subgraphsOf } from './walk.ts'

/**
 * Node references of a whole model: a node's name when it is unique and not empty in its graph, else `#<position>`; inside a subgraph
 * `<owner>/<attribute>/<reference>`, inside a function call `<call>//<reference>`. Positions are those in the file: of the opened one
 * (where Constant nodes count) while nothing was changed, of the written one for a later version.
 */
export function referencesOf(model: Model): ReadonlyMap<Node, string> {
  const { opened } = model
  if (opened === null || !model.untouched) return writtenReferences(model)
  return new Map([...allNodes(model.graph)].map((node) => [node, opened.references.get(node.id) ?? node.id]))
}

function writtenReferences(model: Model): Map<Node, string> {
  const references = new Map<Node, string>()
  const visit = (graph: Graph, prefix: string): void => {
    const counts = nameCounts(graph)
    graph.nodes.forEach((node, position) => {
      const unique = node.name !== '' && counts.get(node.name) === 1
      const reference = `${prefix}${unique ? node.name : `#${position}`}`
      references.set(node, reference)
      for (const { place, graph: inner } of subgraphPlaces(node)) visit(inner, `${reference}/${place}/`)
    })
  }
  visit(model.graph, '')
  return references
}

/** The subgraphs of a node with their attribute's name, `[i]` after it in a list of graphs. */
function subgraphPlaces(node: Node): readonly { readonly place: string; readonly graph: Graph }[] {
  return [...node.attributes].flatMap(([name, attribute]) => {
    if (attribute.type === 'graph') return [{ place: name, graph: attribute.value }]
    return attribute.type === 'graphs' ? attribute.value.map((graph, index) => ({ place: `${name}[${index}]`, graph })) : []
  })
}

function nameCounts(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of graph.nodes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** The reference that an id of the opened model had in its file; the id itself when the model came from no file. */
export const openedReference = (model: Model, id: NodeId): string => model.opened?.references.get(id) ?? id

export interface NodeCounts {
  /** Nodes of the main graph without Constant nodes; while nothing was changed, a call of a model-local function counts as one. */
  readonly nodes: number
  /** The same with nodes of subgraphs and of bodies of called functions. */
  readonly nodesDeep: number
}

export function countNodes(model: Model): NodeCounts {
  const { opened } = model
  if (opened !== null && model.untouched) return { nodes: opened.nodes, nodesDeep: opened.nodesDeep }
  return { nodes: counted(model.graph, false), nodesDeep: counted(model.graph, true) }
}

function counted(graph: Graph, deep: boolean): number {
  let count = 0
  for (const node of graph.nodes) {
    if (node.opType !== 'Constant' || node.domain !== '') count += 1
    if (deep) for (const inner of subgraphsOf(node)) count += counted(inner, true)
  }
  return count
}
