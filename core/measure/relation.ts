import type { Correspondence } from '../ir/lineage.ts'
import type { Model } from '../ir/model.ts'
import type { Node, Value, ValueMap } from '../ir/value.ts'
import { staticNodes } from '../structure/static-nodes.ts'
import type { ExecutedGraph } from './executed.ts'
import { tieKernels } from './ties.ts'

/** A candidate's value that carries what a baseline's value carried, and how. */
export interface Counterpart {
  readonly value: Value
  readonly maps: readonly ValueMap[]
}

/** How a candidate stems from its baseline. */
export interface Relation {
  /** Baseline nodes (by id) that a candidate node stems from, without arithmetic on shapes unless it is nothing else. */
  baselineOf(node: Node): readonly Node[]
  /** Candidate values that carry a baseline value, the most direct first. */
  counterparts(value: Value): readonly Counterpart[]
}

/** From what the passes recorded: origins of nodes, correspondences of values. */
export function recordedRelation(baseline: Model, candidate: Model): Relation {
  const nodes = new Map<string, Node>()
  for (const node of baseline.graph.nodes) {
    for (const id of node.origins) if (!nodes.has(id)) nodes.set(id, node)
    nodes.set(node.id, node)
  }
  const originals = new Map(baseline.graph.nodes.map((node) => [node.id, node]))
  const telling = tellingNodes(baseline)
  const valueById = new Map([...candidate.graph.values].map((value) => [value.id, value]))
  const replaced = new Map<string, Correspondence[]>()
  for (const correspondence of candidate.lineage.values.slice(baseline.lineage.values.length)) {
    replaced.set(correspondence.old, [...(replaced.get(correspondence.old) ?? []), correspondence])
  }
  return {
    baselineOf(node) {
      const own = originals.get(node.id)
      // Equal nodes of several layers that were merged into one of them: it is still that one.
      if (own !== undefined && own.opType === node.opType && !heavyOperators.has(node.opType)) return telling([own])
      return telling([...node.origins].flatMap((id) => nodes.get(id) ?? []))
    },
    counterparts(value) {
      const found: Counterpart[] = []
      const open: { id: string; maps: readonly ValueMap[] }[] = [{ id: value.id, maps: [] }]
      const seen = new Set<string>()
      for (const { id, maps } of open) {
        if (seen.has(id)) continue
        seen.add(id)
        const there = valueById.get(id)
        if (there !== undefined) found.push({ value: there, maps })
        for (const { by, map } of replaced.get(id) ?? []) if (map.kind !== 'none') open.push({ id: by, maps: [...maps, map] })
      }
      return found
    },
  }
}

/**
 * Without a record: the candidate is read as if a runtime had made it from the baseline, by names of values and nodes, by weights and by
 * neighbourhood. `share` says how many of its nodes are matched by something firmer than neighbourhood,
 * arithmetic on shapes and quantizers aside.
 * @param named the candidate under names that mean the same in both models
 * @param candidate the candidate whose nodes and values are asked for; of the same ids
 */
export function matchedRelation(baseline: Model, named: Model, candidate: Model = named): Relation & { readonly share: number } {
  const names = new Map(named.graph.nodes.map((node) => [node.name, node.name]))
  const session = { model: '', provider: '', threads: 1, level: 'disabled' } as const
  const executed: ExecutedGraph = { version: baseline, deployed: session, kernels: named, session, runtimeNames: names }
  const { ties, carriers } = tieKernels(executed)
  const byNode = new Map(ties.map((tie) => [tie.kernel.id, tie]))
  const valueById = new Map([...candidate.graph.values].map((value) => [value.id, value]))
  const telling = tellingNodes(baseline)
  const { constant, shape } = staticNodes(named.graph)
  const moving = ties.filter(({ kernel }) => !constant.has(kernel) && !shape.has(kernel) && !quantizers.has(kernel.opType))
  const firm = moving.filter(({ how }) => how !== 'neighbour' && how !== 'none').length
  return {
    share: moving.length === 0 ? 0 : firm / moving.length,
    baselineOf: (node) => telling(byNode.get(node.id)?.nodes ?? []),
    counterparts(value) {
      const carrier = carriers.get(value)
      const own = carrier === undefined ? undefined : valueById.get(carrier.value.id)
      if (carrier === undefined || own === undefined || carrier.layout.kind === 'unknown' || carrier.layout.kind === 'blocked') return []
      const { layout } = carrier
      const maps: ValueMap[] = layout.kind === 'plain' ? [] : layout.kind === 'permute' ? [layout] : [{ kind: 'reshape' }]
      return [{ value: own, maps }]
    },
  }
}

/** What goes between floats and codes has no counterpart in a model of floats. */
const quantizers: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'])

/** Operators that layers are made of. What stands between them may be shared by many. */
export const heavyOperators: ReadonlySet<string> = new Set([
  ...['MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'Softmax', 'LSTM', 'GRU', 'RNN', 'Attention', 'MultiHeadAttention'],
  ...['GroupQueryAttention', 'LayerNormalization', 'BatchNormalization', 'InstanceNormalization', 'EmbedLayerNormalization'],
  ...['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization'],
  ...['MatMulInteger', 'ConvInteger', 'MatMulNBits', 'FusedMatMul', 'FusedGemm', 'FusedConv', 'DynamicQuantizeLSTM'],
])

function tellingNodes(baseline: Model): (nodes: readonly Node[]) => readonly Node[] {
  const { constant, shape } = staticNodes(baseline.graph)
  const isStatic = new Set([...constant, ...shape].map(({ id }) => id))
  return (nodes) => {
    const moving = nodes.filter(({ id }) => !isStatic.has(id))
    return moving.length > 0 ? moving : nodes
  }
}
