import type { Change } from '../ir/lineage.ts'
import type { Model } from '../ir/model.ts'
import type { Node, NodeId } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { NodeRelation } from './relation.ts'
import { differenceOf, sameNode } from './same-node.ts'

/** A version on the way from the opened model to a candidate, under the id of the stage that made it. */
export interface Step {
  readonly stage: string
  readonly model: Model
}

/** Stands for a rule where a pass changed a node by itself. */
export const edit = 'edit'

/** One thing that happened to a node. */
export interface Deed {
  readonly stage: string
  readonly rule: string
  readonly reason: string
}

/** Answers who did what to which node, from the changes that every version carries along. */
export class History {
  readonly #made = new Map<NodeId, Placed[]>()
  readonly #gone = new Map<NodeId, Placed[]>()
  readonly #edits: ReadonlyMap<NodeId, readonly Deed[]>

  /** @param source the opened model, `steps` what the stages made of it, in order */
  constructor(source: Model, steps: readonly Step[]) {
    let at = source.lineage.changes.length
    for (const { stage, model } of steps) {
      for (const change of model.lineage.changes.slice(at)) {
        const placed = { change, deed: { stage, rule: change.rule, reason: change.reason } }
        for (const id of change.added) push(this.#made, id, placed)
        for (const id of change.removed) push(this.#gone, id, placed)
      }
      at = Math.max(at, model.lineage.changes.length)
    }
    this.#edits = editsOf(source, steps)
  }

  /** Everything that led to this node being as it is, first deed first. */
  of(node: NodeId): Deed[] {
    const found = new Set<Deed>()
    const seen = new Set<NodeId>()
    const visit = (id: NodeId) => {
      if (seen.has(id)) return
      seen.add(id)
      for (const { change, deed } of this.#made.get(id) ?? []) {
        for (const removed of change.removed) visit(removed)
        found.add(deed)
      }
      for (const deed of this.#edits.get(id) ?? []) found.add(deed)
    }
    visit(node)
    return [...found]
  }

  /**
   * Everything that explains how a candidate's node stems from its baseline: what made or edited it, else what took away the others that it stands
   * for, else what made the values that it now reads.
   */
  explaining({ node, from }: NodeRelation): Deed[] {
    const own = this.of(node.id)
    if (own.length > 0) return own
    const others = from.filter(({ id }) => id !== node.id).flatMap(({ id }) => this.after(id))
    if (others.length > 0) return [...new Set(others)]
    return [...new Set(node.inputs.flatMap((input) => (input?.producer ? this.of(input.producer.id) : [])))]
  }

  /** Everything that led to this node, and what stood in its place, being gone. */
  after(node: NodeId): Deed[] {
    const found = new Set<Deed>()
    const seen = new Set<NodeId>()
    const visit = (id: NodeId) => {
      if (seen.has(id)) return
      seen.add(id)
      for (const { change, deed } of this.#gone.get(id) ?? []) {
        found.add(deed)
        for (const added of change.added) visit(added)
      }
    }
    visit(node)
    return [...found]
  }
}

interface Placed {
  readonly change: Change
  readonly deed: Deed
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** Edits in place (another attribute, another tensor) leave no change record: they show between the versions of neighbouring stages. */
function editsOf(source: Model, steps: readonly Step[]): ReadonlyMap<NodeId, readonly Deed[]> {
  const edits = new Map<NodeId, Deed[]>()
  let before = nodesById(source)
  for (const { stage, model } of steps) {
    const after = nodesById(model)
    for (const [id, node] of after) {
      const old = before.get(id)
      if (old === undefined || sameNode(old, node, () => '')) continue
      push(edits, id, { stage, rule: edit, reason: differenceOf(old, node) })
    }
    before = after
  }
  return edits
}

function nodesById(model: Model): Map<NodeId, Node> {
  return new Map([...allNodes(model.graph)].map((node) => [node.id, node]))
}
