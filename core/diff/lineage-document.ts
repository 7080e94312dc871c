import type { LineageDocument } from '../api/lineage.ts'
import type { Graph } from '../ir/graph.ts'
import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node, Value, ValueId, ValueMap } from '../ir/value.ts'
import { graphsOf } from '../ir/walk.ts'
import { type Deed, History, type Step } from './history.ts'
import { relate } from './relation.ts'

export interface LineageInput {
  /** Version of Lathe. */
  readonly lathe: string
  readonly baseline: Model
  /** Hashes of the two files. */
  readonly hashes: { readonly baseline: string; readonly candidate: string }
  /** The stages from the baseline to the candidate; the last one's model is the candidate. Empty: the candidate is the baseline. */
  readonly steps: readonly Step[]
}

/** `lineage.json`: an account of every node of both graphs, and of the values that carry the same thing. */
export function lineageDocument({ lathe, baseline, hashes, steps }: LineageInput): LineageDocument {
  const candidate = steps.at(-1)?.model ?? baseline
  const { nodes, removed } = relate(baseline, candidate)
  const history = new History(baseline, steps)
  const [before, after] = [referencesOf(baseline), referencesOf(candidate)]
  const names = (of: readonly Node[]) => of.map((node) => before.get(node)!)
  return {
    lathe,
    ...hashes,
    nodes: nodes.map((relation) => ({
      ref: after.get(relation.node)!,
      kind: relation.kind,
      from: names(relation.from),
      by: relation.kind === 'kept' ? [] : short(history.explaining(relation)),
    })),
    removed: removed.map((node) => ({ ref: before.get(node)!, ...farewell(node, history) })),
    values: valuesOf(baseline, candidate),
  }
}

function farewell(node: Node, history: History): { by: LineageDocument['removed'][number]['by']; why: string } {
  const deeds = history.after(node.id)
  if (deeds.length > 0) return { by: short(deeds), why: deeds.at(-1)!.reason }
  // A subgraph goes with the node that held it, which alone has the record.
  const { owner } = node.graph
  if (owner === null) return { by: [], why: 'no record of it was made' }
  const above = farewell(owner, history)
  return { by: above.by, why: `it went with the ${owner.opType} that held its graph: ${above.why}` }
}

function short(deeds: readonly Deed[]): { stage: string; rule: string }[] {
  const seen = new Map(deeds.map(({ stage, rule }) => [`${stage}\n${rule}`, { stage, rule }]))
  return [...seen.values()]
}

/** For every value of the candidate the baseline values whose elements it carries, with the maps on the way. */
function valuesOf(baseline: Model, candidate: Model): LineageDocument['values'] {
  const known = new Map<ValueId, Value>()
  for (const value of values(baseline)) known.set(value.id, value)
  const olds = new Map<ValueId, { old: ValueId; map: ValueMap }[]>()
  for (const { old, by, map } of candidate.lineage.values) olds.set(by, [...(olds.get(by) ?? []), { old, map }])
  return values(candidate).flatMap((value) =>
    ancestorsOf(value.id, known, olds).map(({ id, map }) => ({ ref: value.name, from: known.get(id)!.name, map })),
  )
}

/** In the order of the graph, whatever order the values were made in. */
function values(model: Model): Value[] {
  return [...graphsOf(model.graph)].flatMap((graph: Graph) => {
    const all = new Set([...graph.inputs, ...graph.initializers, ...graph.nodes.flatMap(({ outputs }) => outputs)])
    return [...all].filter(({ name }) => name !== '')
  })
}

interface Ancestor {
  readonly id: ValueId
  readonly map: LineageDocument['values'][number]['map']
}

function ancestorsOf(
  id: ValueId,
  known: ReadonlyMap<ValueId, Value>,
  olds: ReadonlyMap<ValueId, readonly { old: ValueId; map: ValueMap }[]>,
): Ancestor[] {
  const found: Ancestor[] = []
  const seen = new Set<ValueId>()
  const queue: Ancestor[] = [{ id, map: [] }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next.id)) continue
    seen.add(next.id)
    if (known.has(next.id)) found.push(next)
    for (const { old, map } of olds.get(next.id) ?? []) {
      queue.push({ id: old, map: map.kind === 'identity' ? next.map : [plain(map), ...next.map] })
    }
  }
  return found
}

/** Documents hold arrays of their own. */
function plain(map: ValueMap): Ancestor['map'][number] {
  switch (map.kind) {
    case 'permute':
      return { kind: 'permute', perm: [...map.perm] }
    case 'select':
      return { kind: 'select', axis: map.axis, kept: [...map.kept] }
    case 'dequantize':
      return { kind: 'dequantize', scale: [...map.scale], zeroPoint: [...map.zeroPoint], axis: map.axis }
    default:
      return { kind: map.kind }
  }
}
