import type { Model } from '../ir/model.ts'
import type { Node, NodeId } from '../ir/value.ts'
import { drive, type Instance } from '../rewrite/drive.ts'
import { attention } from '../rules/attention/index.ts'
import { lift } from '../rules/lift/index.ts'
import { linear } from '../rules/linear/index.ts'
import { tidy } from '../rules/tidy/index.ts'
import { inferShapes } from '../shapes/infer.ts'

/** A version seen through the canonical operators: whatever way an exporter spelled a thing, it stands there once and alike. */
export interface CanonicalForm {
  readonly model: Model
  /** The nodes of the version that a node of the canonical form stands for. */
  nodesOf(node: Node): readonly Node[]
  /** Places that were lifted: what fusing would find. */
  readonly lifted: readonly Instance[]
}

const tidying: ReadonlySet<string> = new Set(tidy.map(({ id }) => id))

/** Lifts a fork of the model; the model itself is not changed and no weights are read. */
export function canonicalForm(model: Model): CanonicalForm {
  const fork = model.fork()
  const settings = { infer: inferShapes(fork).node }
  drive(fork, tidy, settings)
  const { instances } = drive(fork, [...linear, ...lift, ...attention, ...tidy], settings)
  return { model: fork, nodesOf: backTo(model), lifted: instances.filter(({ rule }) => !tidying.has(rule)) }
}

/** Untouched nodes are found by id; rewritten ones by what of the opened model they stem from. */
function backTo(model: Model): (node: Node) => readonly Node[] {
  const byId = new Map<NodeId, Node>()
  const byOrigin = new Map<NodeId, Node[]>()
  for (const node of model.graph.nodes) {
    byId.set(node.id, node)
    for (const origin of node.origins) byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), node])
  }
  return (node) => {
    const same = byId.get(node.id)
    if (same !== undefined) return [same]
    return [...new Set([...node.origins].flatMap((origin) => byOrigin.get(origin) ?? []))]
  }
}
