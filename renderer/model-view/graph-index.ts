import type { GraphView, NodeView } from '../../core/api/graph-view.ts'

export type GroupInfo = GraphView['groups'][number]
export type Child = { readonly kind: 'node'; readonly node: NodeView } | { readonly kind: 'group'; readonly group: GroupInfo }

/** The outermost level, which is no group. */
export const rootId = ''

/** A graph view with its questions answered: who makes and who reads a value, what a group holds. */
export interface GraphIndex {
  readonly view: GraphView
  readonly nodes: ReadonlyMap<string, NodeView>
  readonly position: ReadonlyMap<string, number>
  readonly groups: ReadonlyMap<string, GroupInfo>
  readonly maker: ReadonlyMap<string, NodeView>
  readonly readers: ReadonlyMap<string, readonly NodeView[]>
  readonly outputs: ReadonlySet<string>
  /** Direct members of a group, in graph order of their first node. */
  readonly children: ReadonlyMap<string, readonly Child[]>
  /** All nodes below a group. */
  readonly inside: ReadonlyMap<string, readonly NodeView[]>
  /** Values read in so many places that a line for each would hide the graph: drawn as labels. */
  readonly buses: ReadonlySet<string>
}

export function indexOf(view: GraphView): GraphIndex {
  const nodes = view.nodes.filter((node) => !isFolded(node))
  const folded = new Set(view.nodes.filter(isFolded).flatMap(({ outputs }) => outputs))
  const groups = new Map(view.groups.map((group) => [group.id, group]))
  const maker = new Map<string, NodeView>()
  const readers = new Map<string, NodeView[]>()
  for (const node of nodes) {
    for (const value of node.outputs) if (value) maker.set(value, node)
    for (const value of new Set(node.inputs)) {
      if (!value || folded.has(value) || view.values[value]?.constant) continue
      const known = readers.get(value)
      if (known) known.push(node)
      else readers.set(value, [node])
    }
  }
  return {
    view,
    nodes: new Map(nodes.map((node) => [node.id, node])),
    position: new Map(nodes.map((node, position) => [node.id, position])),
    groups,
    maker,
    readers,
    outputs: new Set(view.outputs.map(({ name }) => name)),
    ...membersOf(nodes, groups),
    buses: busesOf(readers),
  }
}

/** Constants are shown in the row that reads them. */
const isFolded = ({ opType, domain }: NodeView) => opType === 'Constant' && (domain === '' || domain === 'ai.onnx')

function membersOf(nodes: readonly NodeView[], groups: ReadonlyMap<string, GroupInfo>): Pick<GraphIndex, 'children' | 'inside'> {
  const children = new Map<string, Child[]>([[rootId, []]])
  const inside = new Map<string, NodeView[]>([[rootId, []]])
  for (const node of nodes) {
    let parent = rootId
    inside.get(rootId)!.push(node)
    for (const id of node.path) {
      const group = groups.get(id)
      if (!group) continue
      if (!children.has(id)) {
        children.set(id, [])
        inside.set(id, [])
        children.get(parent)!.push({ kind: 'group', group })
      }
      inside.get(id)!.push(node)
      parent = id
    }
    children.get(parent)!.push({ kind: 'node', node })
  }
  return { children, inside }
}

const mostGroups = 4
const mostReaders = 10

function busesOf(readers: ReadonlyMap<string, readonly NodeView[]>): Set<string> {
  const buses = new Set<string>()
  for (const [value, all] of readers) {
    if (all.length < mostGroups) continue
    const places = new Set(all.map(({ path }) => path.join('/')))
    if (places.size >= mostGroups || all.length > mostReaders) buses.add(value)
  }
  return buses
}

/** Groups around a node or group, from the outside in. */
export function pathTo(index: GraphIndex, id: string): readonly string[] {
  const node = index.nodes.get(id)
  if (node) return node.path.filter((group) => index.groups.has(group))
  const path: string[] = []
  for (let group = index.groups.get(id); group; group = group.parent === null ? undefined : index.groups.get(group.parent))
    path.unshift(group.id)
  return path
}

/** What one reads of a value in a label: the last part of its name that means something. */
export function shortValue(index: GraphIndex, value: string): string {
  const role = index.maker.get(value)?.role
  if (role) return role
  const parts = value.split(/[/.]/).filter((part) => part !== '')
  const last = (parts.at(-1) ?? value).replace(/_output_\d+$/, '')
  return last.length > 22 ? `${last.slice(0, 21)}…` : last
}
