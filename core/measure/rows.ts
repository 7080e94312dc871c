import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import type { Layer } from '../structure/layer.ts'
import { scopeOf } from '../structure/scope.ts'
import { UnionFind } from '../structure/union-find.ts'
import { heavyOperators, type Relation } from './relation.ts'
import type { MeasuredVersion } from './version.ts'

/** Layers and kernels that cannot be told apart: a kernel's time is never divided. */
export interface RowGroup {
  readonly layers: readonly Layer[]
  /** Nodes of the baseline in those layers, and nodes of the candidate that stem from them. */
  readonly nodes: { readonly baseline: readonly Node[]; readonly candidate: readonly Node[] }
  readonly kernels: { readonly baseline: readonly Node[]; readonly candidate: readonly Node[] }
}

export interface RowGroups {
  readonly rows: readonly RowGroup[]
  /** Kernels that only convert types and layouts. */
  readonly boundary: RowGroup['kernels']
  /** Kernels that belong to no layer. */
  readonly untied: RowGroup['kernels']
}

export interface RowsInput {
  readonly layers: readonly Layer[]
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly relation: Relation
}

/** The connected groups of the relation between layers and kernels of both versions, in the order of the layers. */
export function groupRows({ layers, baseline, candidate, relation }: RowsInput): RowGroups {
  const layerOf = layerIndex(layers, baseline.executed.version)
  const places: Places = { layerOf, nameOf: (layer) => layers[layer]?.name ?? '' }
  const sides = {
    baseline: kernelLayers(baseline, (node) => [node], places),
    candidate: kernelLayers(candidate, relation.baselineOf, places),
  }
  const groups = new UnionFind(layers.length)
  for (const side of Object.values(sides))
    for (const touched of side.layers.values()) for (const layer of touched) groups.join(touched[0] as number, layer)
  const members = new Map<number, number[]>()
  layers.forEach((_, index) => {
    const root = groups.root(index)
    members.set(root, [...(members.get(root) ?? []), index])
  })
  const kernelsOf = (side: KernelLayers, root: number) =>
    [...side.layers].flatMap(([kernel, touched]) => (groups.root(touched[0] as number) === root ? [kernel] : []))
  const candidateNodes = nodesByGroup(candidate.executed.version, relation, (node) => groups.root(layerOf(node) ?? -1))
  const rows = [...members].map(([root, indices]): RowGroup => {
    const own = indices.map((index) => layers[index] as Layer)
    const ids = new Set(own.flatMap(({ nodes }) => nodes))
    return {
      layers: own,
      nodes: { baseline: baseline.executed.version.graph.nodes.filter(({ id }) => ids.has(id)), candidate: candidateNodes.get(root) ?? [] },
      kernels: { baseline: kernelsOf(sides.baseline, root), candidate: kernelsOf(sides.candidate, root) },
    }
  })
  const both = (pick: (side: KernelLayers) => readonly Node[]) => ({ baseline: pick(sides.baseline), candidate: pick(sides.candidate) })
  return {
    rows: rows.filter(({ kernels }) => kernels.baseline.length + kernels.candidate.length > 0),
    boundary: both(({ boundary }) => boundary),
    untied: both(({ untied }) => untied),
  }
}

function layerIndex(layers: readonly Layer[], version: Model): (node: Node) => number | undefined {
  const byId = new Map<string, number>()
  layers.forEach(({ nodes }, index) => {
    for (const id of nodes) byId.set(id, index)
  })
  for (const node of version.graph.nodes) {
    const index = byId.get(node.id)
    if (index !== undefined) for (const origin of node.origins) if (!byId.has(origin)) byId.set(origin, index)
  }
  return ({ id }) => byId.get(id)
}

interface Places {
  readonly layerOf: (node: Node) => number | undefined
  readonly nameOf: (layer: number) => string
}

/** A kernel that seems to work for more layers than this has taken in something that they share, such as a mask. */
const mostLayers = 4
/** A light node that stems from more layers than this was made for each of them and merged: it counts where it stands first. */
const mostShared = 2

/** The layers that nodes of a version work for; of very many those of the nodes that do the real work, and of these the ones in their scope. */
function layersFor(nodes: readonly Node[], stemsOf: (node: Node) => readonly Node[], { layerOf, nameOf }: Places): readonly number[] {
  const touchedBy = (node: Node) => {
    const found = [...new Set(stemsOf(node).flatMap((from) => layerOf(from) ?? []))]
    return found.length > mostShared && !isHeavy(node) ? [Math.min(...found)] : found
  }
  const all = [...new Set(nodes.flatMap(touchedBy))]
  if (all.length <= mostLayers) return all
  const workers = nodes.filter(isHeavy)
  const touched = workers.length === 0 ? all : [...new Set(workers.flatMap(touchedBy))]
  if (touched.length <= mostLayers) return touched
  // A rule gives what it makes the name of what it replaces, and with it the scope.
  const scopes = new Set(workers.flatMap((node) => scopeOf(node) ?? []))
  const own = touched.filter((layer) => [...scopes].some((scope) => liesIn(nameOf(layer), scope)))
  return own.length > 0 ? own : touched
}

const liesIn = (name: string, scope: string): boolean => name === scope || name.startsWith(`${scope}.`) || name.startsWith(`${scope} (`)

const isHeavy = ({ opType }: Node): boolean => heavyOperators.has(opType)

const between: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'Cast', 'Identity'])

interface KernelLayers {
  /** Indices of the layers that a kernel works for, at least one. */
  readonly layers: ReadonlyMap<Node, readonly number[]>
  readonly boundary: readonly Node[]
  readonly untied: readonly Node[]
}

function kernelLayers(version: MeasuredVersion, baselineOf: Relation['baselineOf'], places: Places): KernelLayers {
  const { ties, statics } = version.ties
  const layers = new Map<Node, readonly number[]>()
  const boundary: Node[] = []
  const untied: Node[] = []
  const telling = (nodes: readonly Node[]) => {
    const moving = nodes.filter((node) => !statics.constant.has(node) && !statics.shape.has(node))
    // What stands between two layers belongs to neither: a kernel that takes it in on both sides ties them together no more than that.
    const working = moving.filter((node) => !between.has(node.opType))
    return working.length > 0 ? working : moving.length > 0 ? moving : nodes
  }
  for (const { kernel, nodes, conversion } of ties) {
    const touched = layersFor(telling(nodes), (node) => telling(baselineOf(node)), places)
    if (conversion) boundary.push(kernel)
    else if (touched.length > 0) layers.set(kernel, touched)
    else untied.push(kernel)
  }
  return { layers, boundary, untied }
}

/** Nodes of the candidate by the row that they stem from; what stems from several rows counts in the first. */
function nodesByGroup(version: Model, relation: Relation, groupOf: (baseline: Node) => number): Map<number, Node[]> {
  const groups = new Map<number, Node[]>()
  for (const node of version.graph.nodes) {
    const [first] = relation.baselineOf(node)
    if (first === undefined) continue
    const root = groupOf(first)
    groups.set(root, [...(groups.get(root) ?? []), node])
  }
  return groups
}
