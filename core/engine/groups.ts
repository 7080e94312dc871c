import { createHash } from 'node:crypto'
import type { GraphView } from '../api/graph-view.ts'
import type { Node, NodeId } from '../ir/value.ts'
import type { RepeatedBlock } from '../structure/blocks.ts'
import { placeAmong } from '../structure/places.ts'
import { scopeOf, segmentsOf } from '../structure/scope.ts'

export type Group = GraphView['groups'][number]

/** The groups of a graph, and for every node the ids of those that hold it, from the outside in. */
export interface Grouping {
  readonly groups: Group[]
  readonly paths: ReadonlyMap<Node, readonly string[]>
}

interface Given {
  readonly nodes: readonly Node[]
  readonly source: ReadonlyMap<NodeId, Node>
  readonly blocks: readonly RepeatedBlock[]
  readonly roleOf: (nodes: readonly Node[]) => string
}

/** What was made outside of a pipeline, for an export, lies where its origins do. */
function pathOf(node: Node, source: ReadonlyMap<NodeId, Node>): readonly string[] {
  const scope = scopeOf(node)
  return scope === null ? placeAmong([...node.origins].flatMap((id) => source.get(id) ?? [])) : segmentsOf(scope)
}

/** A module on the way to a node. */
interface Branch {
  readonly id: string
  readonly name: string
  readonly parent: Branch | null
  readonly children: Map<string, Branch>
  readonly nodes: Node[]
}

/** A graph of fewer nodes is seen at once. */
const fewest = 40

/**
 * Where the exporter wrote no modules down: the repetitions that the order of operators shows, or what forks and meets again, in graph order:
 * `block.3`. Those that run into each other, or of which a part lies in a module, are no groups.
 */
function repetitionsOf(
  blocks: readonly RepeatedBlock[],
  modules: ReadonlyMap<Node, readonly string[]>,
): ReadonlyMap<Node, readonly string[]> {
  const places = new Map<Node, readonly string[]>()
  if (modules.size < fewest) return places
  const order = new Map([...modules.keys()].map((node, at) => [node, at]))
  const start = (member: readonly Node[]) => order.get(member[0] as Node) as number
  const members = blocks.flatMap(({ name, members }) => {
    const all = members.flat()
    const apart = new Set(all).size === all.length && all.every((node) => modules.get(node)?.length === 0)
    return apart ? members.map((nodes) => ({ name, nodes })) : []
  })
  const counts = new Map<string, number>()
  for (const { name, nodes } of members.toSorted((a, b) => start(a.nodes) - start(b.nodes))) {
    const number = counts.get(name) ?? 0
    counts.set(name, number + 1)
    for (const node of nodes) places.set(node, [`${name}.${number}`])
  }
  return places
}

/**
 * Nodes grouped by the modules that the exporter wrote down, else by what repeats.
 * Modules that hold nothing but one other are merged with it, and repeated ones get the same `shape`.
 * @param nodes the nodes of one graph, in order
 * @param source nodes of the opened model by id
 * @param blocks what repeats in the graph
 * @param roleOf what the nodes of a group do together
 */
export function groupsOf({ nodes, source, blocks, roleOf }: Given): Grouping {
  const root: Branch = { id: '', name: '', parent: null, children: new Map(), nodes: [] }
  const modules = new Map(nodes.map((node) => [node, pathOf(node, source)]))
  const repetitions = repetitionsOf(blocks, modules)
  for (const [node, path] of modules) branchOf(root, repetitions.get(node) ?? path).nodes.push(node)
  const grouping = { groups: [] as Group[], paths: new Map<Node, readonly string[]>() }
  collect(root, [], grouping, roleOf)
  return grouping
}

function branchOf(root: Branch, segments: readonly string[]): Branch {
  let at = root
  for (const name of segments) {
    const known = at.children.get(name)
    const child: Branch = known ?? { id: at.id === '' ? name : `${at.id}/${name}`, name, parent: at, children: new Map(), nodes: [] }
    at.children.set(name, child)
    at = child
  }
  return at
}

function collect(branch: Branch, path: readonly string[], grouping: Grouping, roleOf: (nodes: readonly Node[]) => string): void {
  const paths = grouping.paths as Map<Node, readonly string[]>
  for (const node of branch.nodes) paths.set(node, path)
  for (const child of branch.children.values()) {
    const { merged, name } = unwrapped(child)
    const inner = allNodesOf(merged)
    grouping.groups.push({ id: merged.id, name, parent: path.at(-1) ?? null, role: roleOf(inner), shape: shapeOf(merged) })
    collect(merged, [...path, merged.id], grouping, roleOf)
  }
}

/** Follows modules that hold nothing but one other. */
function unwrapped(branch: Branch): { merged: Branch; name: string } {
  let [merged, name] = [branch, branch.name]
  for (
    let [only, ...more] = merged.children.values();
    only && more.length === 0 && merged.nodes.length === 0;
    [only, ...more] = merged.children.values()
  ) {
    name = `${name}.${only.name}`
    merged = only
  }
  return { merged, name }
}

function allNodesOf(branch: Branch): Node[] {
  return [...branch.nodes, ...[...branch.children.values()].flatMap(allNodesOf)]
}

/** Equal for groups with the same operators on weights of the same shapes, in the same order; a Sum of two is an addition. */
function shapeOf(branch: Branch): string {
  const text = (at: Branch): string => {
    const own = at.nodes.map(
      ({ opType, inputs }) =>
        `${opType === 'Sum' && inputs.length === 2 ? 'Add' : opType}(${inputs.map((input) => input?.constant?.ref.dims.join('x') ?? '').join(',')})`,
    )
    return `${own.join(';')}[${[...at.children.values()].map(text).join('|')}]`
  }
  return createHash('sha1').update(text(branch)).digest('hex').slice(0, 12)
}
