import type { Model } from '../ir/model.ts'
import type { Node, NodeId } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { sameNode } from './same-node.ts'

/** What became of the nodes of one version in another. */
export interface NodeRelation {
  readonly node: Node
  /** `fused`: stems from several; `added`: from none. */
  readonly kind: 'kept' | 'changed' | 'fused' | 'added'
  /** Baseline nodes it stems from, in the baseline's order. */
  readonly from: readonly Node[]
}

export interface Relation {
  /** Every node of the candidate, subgraphs included. */
  readonly nodes: readonly NodeRelation[]
  /** Every baseline node from which no candidate node stems. */
  readonly removed: readonly Node[]
}

/**
 * How a candidate stems from its baseline, from the recorded origins.
 * Together `from` and `removed` name every baseline node, and `nodes` every candidate node.
 */
export function relate(baseline: Model, candidate: Model): Relation {
  const byId = new Map<NodeId, Node>([...allNodes(baseline.graph)].map((node) => [node.id, node]))
  const used = new Set<Node>()
  const carried = carriers(candidate)
  const nodes = [...allNodes(candidate.graph)].map((node): NodeRelation => {
    const from = originsIn(node, byId)
    for (const origin of from) used.add(origin)
    return { node, from, kind: kindOf(node, from, carried) }
  })
  return { nodes, removed: [...byId.values()].filter((node) => !used.has(node)) }
}

function originsIn(node: Node, byId: ReadonlyMap<NodeId, Node>): Node[] {
  const found: Node[] = []
  for (const id of node.origins) {
    const origin = byId.get(id)
    if (origin !== undefined) found.push(origin)
  }
  return found
}

function kindOf(node: Node, from: readonly Node[], carried: ReadonlyMap<string, string>): NodeRelation['kind'] {
  const [only] = from
  if (only === undefined) return 'added'
  if (from.length > 1) return 'fused'
  return sameNode(only, node, (id) => carried.get(id) ?? id) ? 'kept' : 'changed'
}

/** Old value id -> the id of the value that carries the same elements now: what rewiring around an Identity leaves equal. */
function carriers({ lineage }: Model): Map<string, string> {
  const next = new Map<string, string>()
  for (const { old, by, map } of lineage.values) if (map.kind === 'identity') next.set(old, by)
  const last = new Map<string, string>()
  for (const start of next.keys()) {
    const seen = new Set([start])
    let at = start
    for (let to = next.get(at); to !== undefined && !seen.has(to); to = next.get(at)) {
      seen.add(to)
      at = to
    }
    last.set(start, at)
  }
  return last
}
