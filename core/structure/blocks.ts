import type { Model } from '../ir/model.ts'
import type { Node } from '../ir/value.ts'
import { mergedBlocks } from './merged-blocks.ts'
import { mergedParts } from './merged-parts.ts'
import { products, readsWeights } from './projection.ts'
import { scopeOf } from './scope.ts'
import { sequencedBlocks } from './sequenced-blocks.ts'
import { signature } from './signature.ts'

/** The same part of a network several times over: `encoder.layer`, 12 times. */
export interface RepeatedBlock {
  readonly name: string
  /** The nodes of each repetition, in order. */
  readonly members: readonly (readonly Node[])[]
}

/**
 * Repeated parts, the outermost ones: from numbered scopes where the exporter wrote them, else from parts that fork and meet again in turns, as in
 * transformers, else from the order of operators alone, where one run of them makes up most of the graph, or from any parts that fork and meet again,
 * whichever repeats more often.
 */
export function blocksOf(model: Model): readonly RepeatedBlock[] {
  const { nodes } = model.graph
  const scoped = scopedBlocks(nodes)
  if (scoped.length > 0) return scoped
  const parts = mergedParts(model.graph)
  const sequenced = sequencedBlocks(model.graph, parts)
  if (sequenced.length > 0) return sequenced
  // Whole stages of a convolutional network may follow each other alike too: its blocks are the smaller parts.
  const [periodic, merged] = [periodicBlocks(nodes), mergedBlocks(model.graph, parts)]
  const most = (blocks: readonly RepeatedBlock[]) => Math.max(...blocks.map(({ members }) => members.length))
  return periodic.length > 0 && most(periodic) >= most(merged) ? periodic : merged
}

/** How deep lists are looked for inside of the members of lists: blocks of stages, but not the operators of a block. */
const deepest = 1

/** @param depth how many numbers of a scope are passed over: lists inside of members are looked at where the members themselves are of different kinds */
function scopedBlocks(nodes: readonly Node[], depth = 0): readonly RepeatedBlock[] {
  const stacks = new Map<string, Map<number, Node[]>>()
  for (const node of nodes) {
    const parts = (scopeOf(node) ?? '').split('.')
    const at = parts.flatMap((part, i) => (i > 0 && /^\d+$/.test(part) ? [i] : []))[depth]
    if (at === undefined) continue
    const name = parts.slice(0, at).join('.')
    const stack = stacks.get(name) ?? new Map<number, Node[]>()
    stacks.set(name, stack)
    const member = stack.get(Number(parts[at]))
    if (member === undefined) stack.set(Number(parts[at]), [node])
    else member.push(node)
  }
  return [...stacks].flatMap(([name, stack]) => {
    const members = [...stack].toSorted(([a], [b]) => a - b).map(([, member]) => member)
    const groups = alike(members)
    const left = members.filter((member) => !groups.some((group) => group.includes(member)))
    return [
      ...groups.map((group) => ({ name, members: group })),
      ...(depth < deepest ? left.flatMap((member) => scopedBlocks(member, depth + 1)) : []),
    ]
  })
}

/**
 * Members with the same operators, at least two of them: a stack of stages of different kinds is several blocks. One that is like no other goes
 * with those of as many weighty operators: the first of a stack also computes what all of them read, and its neighbours may be quantized.
 */
function alike(members: readonly Node[][]): readonly Node[][][] {
  const groups = new Map<string, Node[][]>()
  for (const member of members) {
    const key = signature(member, helpers)
    groups.set(key, [...(groups.get(key) ?? []), member])
  }
  const joined = new Map<string, Node[][]>()
  for (const group of [...groups.values()].toSorted((a, b) => b.length - a.length)) {
    const [first] = group as [Node[]]
    const key = group.length > 1 && joined.has(weightyKey(first)) ? `${weightyKey(first)} ${joined.size}` : weightyKey(first)
    joined.set(key, [...(joined.get(key) ?? []), ...group])
  }
  const sorted = [...joined.values()].map((group) => members.filter((member) => group.includes(member)))
  return sorted.filter(({ length }) => length > 1).toSorted(([a], [b]) => members.indexOf(a as Node[]) - members.indexOf(b as Node[]))
}

/** How many products and convolutions with weights a member has. */
function weightyKey(member: readonly Node[]): string {
  const weighty = member.filter((node) => products.has(node.opType) && readsWeights(node))
  const convolutions = weighty.filter(({ opType }) => opType === 'Conv').length
  return weighty.length === 0 ? signature(member, helpers) : `${weighty.length - convolutions} ${convolutions}`
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
