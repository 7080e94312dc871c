import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import type { Node, NodeId } from '../ir/value.ts'
import { allNodes, graphsOf } from '../ir/walk.ts'
import { isWithin, pathTo, placesOf, stemsOf } from './places.ts'
import { firstName, modulesOf, scopeOf, scopesKey } from './scope.ts'

/** Part of what a version's place depends on in the store: raised when nodes are given other places or names. */
export const placesVersion = 3

/**
 * Gives what rules and passes made the place of the nodes of the opened model that it stems from, in the way in which the exporter wrote it
 * down: in the metadata, or in the name. Then every reader of the written file finds the modules that the opened one had.
 * @param source the opened model, whose nodes are where the exporter put them
 */
export function keepPlaces(model: Model, source: Model): void {
  const opened = nodesById(source)
  const names = new Set([...allNodes(model.graph)].map(({ name }) => name))
  for (const graph of graphsOf(model.graph)) {
    const stems = stemsOf(graph.nodes, opened)
    const places = placesOf(graph.nodes, stems, opened)
    for (const [node, from] of stems) if (!opened.has(node.id)) settle(node, places.get(node) ?? [], [from, opened.values()], names)
  }
}

const known = new WeakMap<Model, ReadonlyMap<NodeId, Node>>()

/** The nodes of an opened model, by id. */
function nodesById(source: Model): ReadonlyMap<NodeId, Node> {
  const nodes = known.get(source) ?? new Map([...allNodes(source.graph)].map((node) => [node.id, node]))
  known.set(source, nodes)
  return nodes
}

/** @param models nodes of the opened model, the likeliest first: one of that place shows how the exporter spells it */
function settle(node: Node, place: readonly string[], models: readonly Iterable<Node>[], names: Set<string>): void {
  const scope = place.length === 0 ? null : place.join('.')
  if (scopeOf(node) === scope) return
  const graph = node.graph as Graph
  const model = firstWithin(place, models)
  if (scope !== null && model?.metadata.has(scopesKey)) {
    graph.setMetadata(node, new Map([...node.metadata, [scopesKey, `['${scope}', '${node.opType}']`]]))
    if (node.name.includes('/') && !model.name.includes('/')) rename(node, node.name.replaceAll('/', '_'), names)
  } else {
    const folder = scope === null || model === undefined ? '' : `${folderOf(model.name, scope)}/`
    rename(node, `${folder}${leafOf(node, scope)}`, names)
  }
}

function firstWithin(place: readonly string[], lists: readonly Iterable<Node>[]): Node | undefined {
  for (const list of lists) for (const node of list) if (isWithin(pathTo(node), place)) return node
  return undefined
}

function rename(node: Node, wanted: string, names: Set<string>): void {
  names.delete(node.name)
  let name = wanted
  for (let count = 2; names.has(name); count++) name = `${wanted}_${count}`
  names.add(name)
  ;(node.graph as Graph).renameNode(node, name)
}

/** The beginning of a name that says a scope, in its own spelling. */
function folderOf(name: string, scope: string): string {
  const spelled = firstName(name)
  for (let at = spelled.indexOf('/', 1); at > 0; at = spelled.indexOf('/', at + 1)) {
    const parts = spelled
      .slice(0, at)
      .split('/')
      .filter((part) => part !== '')
    if (modulesOf(parts) === scope) return spelled.slice(0, at)
  }
  return `${spelled.startsWith('/') ? '/' : ''}${scope.replaceAll('.', '/')}`
}

/** What a node is called inside of its module; `/query/MatMul/scale` is `MatMul_scale` in `query`. */
function leafOf({ name, opType }: Node, scope: string | null): string {
  const parts = firstName(name)
    .split('/')
    .filter((part) => part !== '')
  const inside = parts.findIndex((_, at) => modulesOf(parts.slice(0, at)) === (scope ?? ''))
  const own = inside < 0 ? parts.slice(-1) : parts.slice(inside)
  return own.length === 0 ? opType : own.join('_')
}
