import type { Graph } from './graph.ts'
import type { Model } from './model.ts'
import type { Node } from './value.ts'
import { allNodes } from './walk.ts'

/**
 * Node references of a whole model: a node's name when it is unique and not empty in its graph, else `#<position>`; inside a subgraph
 * `<owner>/<attribute>/<reference>`, inside a function call `<call>//<reference>`. Positions are those in the file: of the opened one
 * (where Constant nodes count) for the model as opened, of the written one for a later version.
 */
export function referencesOf(model: Model): ReadonlyMap<Node, string> {
  const opened = model.lineage.changes.length === 0
  const references = new Map<Node, string>()
  const counted = new Map<Graph, ReadonlyMap<string, number>>()
  const positions = new Map<Graph, ReadonlyMap<Node, number>>()
  for (const node of allNodes(model.graph)) {
    const { graph } = node
    if (!counted.has(graph)) {
      counted.set(graph, nameCounts(graph))
      positions.set(graph, new Map(graph.nodes.map((each, at) => [each, at])))
    }
    const unique = node.name !== '' && counted.get(graph)?.get(node.name) === 1
    const own = unique ? node.name : `#${(opened ? filePosition(node) : null) ?? positions.get(graph)?.get(node)}`
    references.set(node, scopeOf(node, references) + own)
  }
  return references
}

/** The reference of one node; for many of a model `referencesOf` is the cheaper way. */
export function referenceOf(node: Node): string {
  return referencesOf(node.graph.model).get(node) ?? `#${node.id}`
}

function nameCounts(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of graph.nodes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** The last part of a node's id is its position in the opened file; nodes of an inlined function keep the path of the call before it. */
function filePosition(node: Node): string | null {
  const call = /^(\d+)((?:\/\/\d+)+)$/.exec(node.id)
  if (call) return `${call[1]}${(call[2] as string).replaceAll('//', '//#')}`
  return /(?:^|\/)(\d+)$/.exec(node.id)?.[1] ?? null
}

function scopeOf(node: Node, references: ReadonlyMap<Node, string>): string {
  const { owner } = node.graph
  if (owner === null) return ''
  const attribute = [...owner.attributes].find(([, { type, value }]) =>
    type === 'graph' ? value === node.graph : type === 'graphs' && (value as readonly Graph[]).includes(node.graph),
  )
  return `${references.get(owner)}/${attribute?.[0] ?? ''}/`
}
