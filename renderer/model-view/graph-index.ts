import type { GraphView, NodeView } from '../../core/api/graph-view.ts'
import { constantHelpers } from './constant-helpers.ts'

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
  /** Nodes without a row of their own, for they only prepare a constant -> the node in whose row they are drawn. */
  readonly helpers: ReadonlyMap<string, string>
  /** Values read in so many places that a line for each would hide the graph: drawn as labels. */
  readonly buses: ReadonlySet<string>
}

export function indexOf(view: GraphView): GraphIndex {
  const nodes = inTellingGroups(
    view,
    view.nodes.filter((node) => !isFolded(node)),
  )
  const folded = new Set(view.nodes.filter(isFolded).flatMap(({ outputs }) => outputs))
  const helpers = constantHelpers(view, nodes, folded)
  const drawn = nodes.filter(({ id }) => !helpers.has(id))
  for (const node of nodes) if (helpers.has(node.id)) for (const value of node.outputs) folded.add(value)
  const groups = tellingGroups(view, drawn)
  const maker = new Map<string, NodeView>()
  const readers = new Map<string, NodeView[]>()
  for (const node of drawn) {
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
    ...membersOf(drawn, groups),
    helpers,
    buses: busesOf(readers),
  }
}

/** A group of less than this says no more than its nodes do, and one that holds nearly everything no more than the model does. */
const fewest = 4
const nearlyAll = 0.9

function inTellingGroups({ nodes: all }: GraphView, nodes: readonly NodeView[]): NodeView[] {
  const sizes = new Map<string, number>()
  for (const { path } of all) for (const id of path) sizes.set(id, (sizes.get(id) ?? 0) + 1)
  return nodes.map((node) => ({
    ...node,
    path: node.path.filter((id) => sizes.get(id)! >= fewest && sizes.get(id)! < all.length * nearlyAll),
  }))
}

function tellingGroups({ groups }: GraphView, nodes: readonly NodeView[]): Map<string, GroupInfo> {
  const parents = new Map<string, string | null>()
  for (const { path } of nodes) for (const [depth, id] of path.entries()) parents.set(id, path[depth - 1] ?? null)
  return new Map(groups.filter(({ id }) => parents.has(id)).map((group) => [group.id, { ...group, parent: parents.get(group.id)! }]))
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
const mostReaders = 12

/** A value that several sibling groups read (an attention mask), or a great many nodes. */
function busesOf(readers: ReadonlyMap<string, readonly NodeView[]>): Set<string> {
  const buses = new Set<string>()
  for (const [value, all] of readers) {
    if (all.length < mostGroups) continue
    if (all.length > mostReaders || siblingGroups(all) >= mostGroups) buses.add(value)
  }
  return buses
}

/** How many groups right below the group that holds all readers hold one. */
function siblingGroups(readers: readonly NodeView[]): number {
  const [first, ...rest] = readers.map(({ path }) => path)
  let depth = 0
  while (first![depth] !== undefined && rest.every((path) => path[depth] === first![depth])) depth++
  return new Set(readers.flatMap(({ path }) => path[depth] ?? [])).size
}

/** The node in whose row a node is drawn; most have their own. */
export const shownAs = ({ helpers }: Pick<GraphIndex, 'helpers'>, id: string): string => helpers.get(id) ?? id

/** Node -> the nodes drawn in its row, in graph order. */
export function helpersByRow({ helpers, nodes }: Pick<GraphIndex, 'helpers' | 'nodes'>): Map<string, NodeView[]> {
  const rows = new Map<string, NodeView[]>()
  for (const node of nodes.values()) {
    const row = helpers.get(node.id)
    if (row === undefined) continue
    const known = rows.get(row)
    if (known) known.push(node)
    else rows.set(row, [node])
  }
  return rows
}

/** Groups around a node or group, from the outside in. */
export function pathTo(index: GraphIndex, id: string): readonly string[] {
  const node = index.nodes.get(shownAs(index, id))
  if (node) return node.path.filter((group) => index.groups.has(group))
  const path: string[] = []
  for (let group = index.groups.get(id); group; group = group.parent === null ? undefined : index.groups.get(group.parent))
    path.unshift(group.id)
  return path
}

/** What one reads of a value in a label: the input of the graph that it comes from, else the last part of its name. */
export function shortValue(index: GraphIndex, value: string): string {
  const inputs = inputsBehind(index, value)
  if (inputs.length === 1) return shortened(inputs[0]!)
  const maker = index.maker.get(value)
  // Names that exporters number through and passes derive from them tell less than the operator.
  if (maker && /^node_/.test(maker.name)) return shortened(maker.opType)
  const parts = (maker?.name || value).split(/[/.]/).filter((part) => part !== '')
  return shortened((parts.at(-1) ?? value).replace(/_output_\d+$/, ''))
}

const shortened = (text: string) => (text.length > 22 ? `${text.slice(0, 21)}…` : text)

const mostSteps = 60

/** Graph inputs whose elements (not whose shapes) went into a value; none when they are too far up. */
function inputsBehind(index: GraphIndex, value: string): string[] {
  const names = new Set(index.view.inputs.map(({ name }) => name))
  const seen = new Set([value])
  const found: string[] = []
  const waiting = [value]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (names.has(at)) found.push(at)
    const maker = index.maker.get(at)
    if (!maker || maker.opType === 'Shape' || maker.opType === 'ConstantOfShape') continue
    for (const input of maker.inputs) {
      if (seen.has(input)) continue
      seen.add(input)
      waiting.push(input)
    }
    if (seen.size > mostSteps) return []
  }
  return found
}

/** The innermost module that a node's name tells of, where no group does: `query` in `/layer.2/attention/self/query/MatMul`. */
export function moduleOf({ name, path, opType }: NodeView): string {
  const parts = name.split('/').filter((part) => part !== '')
  const module = parts.at(-2) ?? ''
  const isGroup = path.at(-1)?.split(/[/]/).at(-1) === module
  return isGroup || module === '' || module.length > 11 || module.toLowerCase() === opType.toLowerCase() ? '' : module
}
