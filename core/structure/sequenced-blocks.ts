import type { Graph } from '../ir/graph.ts'
import type { Node, Value } from '../ir/value.ts'
import type { RepeatedBlock } from './blocks.ts'
import { type Member, withEndsAlike } from './member-ends.ts'
import type { MergedPart } from './merged-parts.ts'
import { staticNodes } from './static-nodes.ts'
import { hasWeights } from './weights.ts'

/** How many kinds of parts may take turns in a block: attention and feed-forward, of a decoder cross attention too, of a Conformer four. */
const mostTurns = 6

/** What may lie between two parts: a normalization written out. */
const longestLink = 16

/** Blocks of residual parts that take turns: attention, feed-forward, attention, feed-forward. Parts are of a kind when their weights are of the same sizes. */
export function sequencedBlocks(graph: Graph, merged: readonly MergedPart[]): readonly RepeatedBlock[] {
  const order = new Map(graph.nodes.map((node, i) => [node, i]))
  const parts = outermost(
    merged.filter(({ kind }) => kind === 'residual'),
    order,
  )
  const statics = staticNodes(graph)
  const links = parts.map((part, i) => linkBetween(parts[i - 1], part))
  const turns = turnsOf(kindsOf(parts), links).map(({ found, length }) =>
    found.map((first): Member => {
      const own = parts.slice(first, first + length)
      const { end, nodes } = own.at(-1) as MergedPart
      const last = order.get(end) as number
      const inside = links.slice(first + 1, first + length).flatMap((link) => link ?? [])
      const behind = new Set(nodes.filter((node) => (order.get(node) as number) > last))
      const all = new Set([...own.flatMap((part) => part.nodes), ...inside])
      return { end, nodes: [...all].filter((node) => !behind.has(node)), tail: [...behind, ...(links[first + length] ?? [])] }
    }),
  )
  const taken = new Set(turns.flat().flatMap(({ nodes }) => nodes))
  const blocks = turns.map((members): RepeatedBlock => ({ name: 'block', members: withEndsAlike(members, { order, statics, taken }) }))
  // By where they end: the first of them may read shapes that were computed far before.
  const end = ({ members }: RepeatedBlock) => order.get(members[0]?.at(-1) as Node) as number
  return blocks.toSorted((a, b) => end(a) - end(b))
}

type Links = readonly (readonly Node[] | null)[]

/** Parts that take turns, and where they begin. */
interface Turn {
  readonly found: readonly number[]
  readonly length: number
}

/** Turns that come again, those that make up most of a model first; none of them shares a part with another. */
function turnsOf(kinds: readonly number[], links: Links): readonly Turn[] {
  const all = Array.from({ length: mostTurns - 1 }, (_, i) => turnsOfLength(i + 2, kinds, links)).flat()
  const taken = new Set<number>()
  const turns: Turn[] = []
  // Of as much each the shortest, and of these the one that begins first: sorting keeps their order.
  for (const { found, length } of all.toSorted((a, b) => b.found.length * b.length - a.found.length * a.length)) {
    const partsAt = (first: number) => Array.from({ length }, (_, i) => first + i)
    const free = found.filter((first) => partsAt(first).every((at) => !taken.has(at)))
    if (free.length < 2) continue
    for (const at of free.flatMap(partsAt)) taken.add(at)
    turns.push({ found: free, length })
  }
  return turns
}

/** Turns of several kinds of parts, one behind the other, that come at least twice. */
function turnsOfLength(length: number, kinds: readonly number[], links: Links): readonly Turn[] {
  const turns = new Map<string, { found: number[]; end: number }>()
  for (let at = 0; at + length <= kinds.length; at++) {
    const window = kinds.slice(at, at + length)
    if (new Set(window).size === 1 || window.some((_, i) => i > 0 && links[at + i] === null)) continue
    const key = window.join()
    const turn = turns.get(key) ?? { found: [], end: at }
    turns.set(key, turn)
    if (turn.end > at) continue
    turn.found.push(at)
    turn.end = at + length
  }
  return [...turns.values()].filter(({ found }) => found.length > 1).map(({ found }) => ({ found, length }))
}

/** A number for each part, the same for those with weights of the same sizes. */
function kindsOf(parts: readonly MergedPart[]): readonly number[] {
  const numbers = new Map<string, number>()
  return parts.map(({ nodes, isWhole }) => {
    const key = `${isWhole} ${weightsKey(nodes)}`
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
}

/** Parts that lie in no other: of those that share nodes the one that reaches farthest, as what only it reads may make an inner one the larger. */
function outermost(parts: readonly MergedPart[], order: ReadonlyMap<Node, number>): readonly MergedPart[] {
  const reach = ({ fork, end }: MergedPart) => (order.get(end) as number) - (fork === null ? -1 : (order.get(fork) as number))
  const taken = new Set<Node>()
  const found = new Set<MergedPart>()
  for (const part of parts.toSorted((a, b) => reach(b) - reach(a))) {
    if (part.nodes.some((node) => taken.has(node))) continue
    for (const node of part.nodes) taken.add(node)
    found.add(part)
  }
  return parts.filter((part) => found.has(part))
}

/** Biases say nothing: those that are alike may be one constant, read behind an Identity. */
const sizeOf = (input: Value | null): string =>
  (input?.constant?.ref.dims.length ?? 0) > 1 ? (input?.constant?.ref.dims.join('x') as string) : ''

const weightsKey = (nodes: readonly Node[]): string =>
  nodes
    .filter(hasWeights)
    .map(({ opType, inputs }) => `${opType} ${inputs.map(sizeOf).join()}`)
    .toSorted()
    .join(' ')

/** What lies between one part and where the next begins, without weights; `null`: the next does not go on with the one. */
function linkBetween(before: MergedPart | undefined, next: MergedPart): readonly Node[] | null {
  if (before === undefined || next.fork === null) return null
  const inside = new Set(before.nodes)
  if (inside.has(next.fork)) return []
  const found = new Set([next.fork])
  for (const node of found) {
    for (const input of node.inputs) {
      if (input?.producer == null || inside.has(input.producer) || input.producer.graph !== node.graph) continue
      found.add(input.producer)
    }
    if (found.size > longestLink || hasWeights(node)) return null
  }
  return [...found].some(({ inputs }) => inputs.some((input) => input?.producer != null && inside.has(input.producer))) ? [...found] : null
}
