import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import { mergedBlocks, sequencedBlocks } from './merged-blocks.ts'
import { scopeOf } from './scope.ts'
import { signature } from './signature.ts'

/** The same part of a network several times over: `encoder.layer`, 12 times. */
export interface RepeatedBlock {
  readonly name: string
  /** The nodes of each repetition, in order. */
  readonly members: readonly (readonly Node[])[]
}

/**
 * Repeated parts, the outermost ones: from numbered scopes where the exporter wrote them, else from parts that fork and meet again in turns, as in
 * transformers, else from the order of operators alone, where one run of them makes up most of the graph, else from any parts that fork and meet again.
 */
export function blocksOf(model: Model): readonly RepeatedBlock[] {
  const { nodes } = model.graph
  for (const find of [() => scopedBlocks(nodes), () => sequencedBlocks(model.graph), () => periodicBlocks(nodes)]) {
    const found = find()
    if (found.length > 0) return found
  }
  return mergedBlocks(model.graph)
}

function scopedBlocks(nodes: readonly Node[]): readonly RepeatedBlock[] {
  const stacks = new Map<string, Map<number, Node[]>>()
  for (const node of nodes) {
    const parts = (scopeOf(node) ?? '').split('.')
    const at = parts.findIndex((part) => /^\d+$/.test(part))
    if (at <= 0) continue
    const stack = stacks.get(parts.slice(0, at).join('.')) ?? new Map<number, Node[]>()
    const index = Number(parts[at])
    stack.set(index, [...(stack.get(index) ?? []), node])
    stacks.set(parts.slice(0, at).join('.'), stack)
  }
  return [...stacks].flatMap(([name, stack]) => {
    const members = [...stack].toSorted(([a], [b]) => a - b).map(([, member]) => member)
    return alike(members).map((group) => ({ name, members: group }))
  })
}

/** Members with the same operators, at least two of them: a stack of stages of different kinds is several blocks. */
function alike(members: readonly Node[][]): readonly Node[][][] {
  const groups = new Map<string, Node[][]>()
  for (const member of members) groups.set(signature(member, helpers), [...(groups.get(signature(member, helpers)) ?? []), member])
  return [...groups.values()].filter((group) => group.length > 1)
}

/** Exporters share the arithmetic of shapes between repetitions, so it says nothing about them. */
const helpers: ReadonlySet<string> = new Set([
  'Shape',
  'Gather',
  'Unsqueeze',
  'Squeeze',
  'Concat',
  'Constant',
  'Cast',
  'Slice',
  'Identity',
  'Reshape',
  'Expand',
  'Mul',
  'Add',
  'Sum',
])

/** The shortest run of operators that follows itself most often, if that covers at least half of the graph. */
function periodicBlocks(nodes: readonly Node[]): readonly RepeatedBlock[] {
  const kinds = nodes.map(({ opType }) => opType)
  const most = Math.min(Math.floor(kinds.length / 2), 400)
  let best: { start: number; period: number; count: number } | null = null
  for (let period = 4; period <= most; period++) {
    const run = longestRun(kinds, period)
    if (run !== null && run.count * period > (best === null ? kinds.length / 2 : best.count * best.period)) best = { ...run, period }
  }
  if (best === null) return []
  const { start, period, count } = best
  return [{ name: 'block', members: Array.from({ length: count }, (_, i) => nodes.slice(start + i * period, start + (i + 1) * period)) }]
}

/** Where, and how often in a row, a stretch of `period` operators repeats. */
function longestRun(kinds: readonly string[], period: number): { start: number; count: number } | null {
  let best: { start: number; count: number } | null = null
  let matched = 0
  for (let i = period; i < kinds.length; i++) {
    matched = kinds[i] === kinds[i - period] ? matched + 1 : 0
    const count = Math.floor(matched / period) + 1
    if (count > 1 && count > (best?.count ?? 1)) best = { start: i - matched - period + 1, count }
  }
  return best
}
