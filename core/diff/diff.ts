import type { Diff } from '../api/diff.ts'
import type { LineageDocument } from '../api/lineage.ts'
import type { Model } from '../ir/model.ts'
import { referencesOf } from '../ir/reference.ts'
import type { Node } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import { absorbedNodes } from './absorbed.ts'
import { type Deed, edit, History, type Step } from './history.ts'
import { matchByResults, matchNodes, subgraphPairs } from './match.ts'
import { replacedRegions } from './regions.ts'
import { relate } from './relation.ts'
import { differenceOf, sameNode } from './same-node.ts'

type Pair = Diff['pairs'][number]

const summaryOf = (pairs: readonly Pair[]): Diff['summary'] => {
  const count = (kind: Pair['kind']) => pairs.filter((pair) => pair.kind === kind).length
  return { same: count('same'), changed: count('changed'), fused: count('fused'), added: count('added'), removed: count('removed') }
}

const diffOf = (pairs: Pair[], matchedBy: Diff['matchedBy']): Diff => ({ summary: summaryOf(pairs), pairs, matchedBy })

/** What changed between a version and a later one of the same model, from what was recorded on the way. */
export function diffByLineage(a: Model, steps: readonly Step[]): Diff {
  const b = steps.at(-1)?.model ?? a
  const { nodes, removed } = relate(a, b)
  const history = new History(a, steps)
  const [before, after] = [referencesOf(a), referencesOf(b)]
  const pairs = nodes.map(
    (relation): Pair => ({
      kind: relation.kind === 'kept' ? 'same' : relation.kind,
      a: relation.from.map((origin) => before.get(origin)!),
      b: [after.get(relation.node)!],
      why: relation.kind === 'kept' ? '' : reasonOf(history.explaining(relation)),
    }),
  )
  const gone = removed.map(
    (node): Pair => ({ kind: 'removed', a: [before.get(node)!], b: [], why: history.after(node.id).at(-1)?.reason ?? '' }),
  )
  return diffOf([...pairs, ...gone], 'lineage')
}

function reasonOf(deeds: readonly Deed[]): string {
  const told = [...new Set(deeds.map(({ rule, reason }) => (rule === edit || rule === '' ? reason : `${rule}: ${reason}`)))]
  // Sentences that are joined end once.
  return told.map((reason, at) => (at < told.length - 1 ? reason.replace(/\.$/, '') : reason)).join('; ')
}

/** The same from a `lineage.json` that lies beside the later model. */
export function diffByDocument(document: LineageDocument): Diff {
  const pairs = document.nodes.map(
    ({ ref, kind, from, by }): Pair => ({
      kind: kind === 'kept' ? 'same' : kind,
      a: from,
      b: [ref],
      why: rulesOf(by),
    }),
  )
  return diffOf([...pairs, ...document.removed.map(({ ref, why }): Pair => ({ kind: 'removed', a: [ref], b: [], why }))], 'lineage')
}

/** The rules that a document names, each once; what a stage changed by itself is told where no rule was at work. */
function rulesOf(by: LineageDocument['nodes'][number]['by']): string {
  const rules = new Set(by.map(({ rule }) => rule).filter((rule) => rule !== edit))
  if (rules.size > 0) return [...rules].join(', ')
  return [...new Set(by.map(({ stage }) => `changed in stage '${stage}'`))].join(', ')
}

/** Whether one of two models has operators of a set that the other does not have: a .tflite file beside an ONNX model. */
const areConverted = (a: Model, b: Model): boolean => a.opsets.has(converted) !== b.opsets.has(converted)
const converted = 'tflite'

/** What became of a model in a file of other operators, whose tensors keep their names. */
function diffByResults(a: Model, b: Model): Diff {
  const matched = matchByResults(a, b)
  const twin = new Map([...matched].map(([node, other]) => [other, node]))
  const [before, after] = [referencesOf(a), referencesOf(b)]
  const absorbed = absorbedNodes(a.graph, (node) => matched.has(node))
  const pairs = b.graph.nodes.map((node): Pair => {
    const old = twin.get(node)
    const own = after.get(node)!
    if (old === undefined) return { kind: 'added', a: [], b: [own], why: `${node.opType} is new` }
    const parts = [...(absorbed.get(old) ?? []), old]
    const why = `${parts.map(({ opType }) => opType).join(', ')} became ${node.opType}`
    return { kind: parts.length > 1 ? 'fused' : 'changed', a: parts.map((part) => before.get(part)!), b: [own], why }
  })
  const used = new Set([...absorbed.values()].flat())
  const gone = a.graph.nodes.filter((node) => !matched.has(node) && !used.has(node))
  return diffOf([...pairs, ...gone.map((node) => removedPair(node, before.get(node)!))], 'structure')
}

const removedPair = ({ opType }: Node, ref: string): Pair => ({ kind: 'removed', a: [ref], b: [], why: `${opType} is gone` })

/** What differs between any two models: nodes are paired by what they are and where they stand. */
export function diffByStructure(a: Model, b: Model): Diff {
  if (areConverted(a, b)) return diffByResults(a, b)
  const matched = matchNodes(a, b)
  const twin = new Map([...matched].map(([node, other]) => [other, node]))
  const [before, after] = [referencesOf(a), referencesOf(b)]
  const graphs = [[a.graph, b.graph] as const, ...subgraphPairs(matched)]
  const regions = new Map(graphs.flatMap(([graph, other]) => [...replacedRegions(graph, other, matched)]))
  const used = new Set([...regions.values()].flat())
  const pairs = [...allNodes(b.graph)].map((node): Pair => {
    const old = twin.get(node)
    const region = regions.get(node) ?? []
    if (old !== undefined) return pairOf(old, node, [before.get(old)!, after.get(node)!])
    if (region.length === 0) return { kind: 'added', a: [], b: [after.get(node)!], why: `${node.opType} is new` }
    const kind = region.length > 1 ? 'fused' : 'changed'
    return {
      kind,
      a: region.map((part) => before.get(part)!),
      b: [after.get(node)!],
      why: `${region.map(({ opType }) => opType).join(', ')} became ${node.opType}`,
    }
  })
  const gone = [...allNodes(a.graph)].filter((node) => !matched.has(node) && !used.has(node))
  return diffOf([...pairs, ...gone.map((node) => removedPair(node, before.get(node)!))], 'structure')
}

function pairOf(old: Node, node: Node, [a, b]: [string, string]): Pair {
  // Which value feeds which input is told by the pairs themselves.
  const same = sameNode(old, node, () => '')
  return { kind: same ? 'same' : 'changed', a: [a], b: [b], why: same ? '' : differenceOf(old, node) }
}
