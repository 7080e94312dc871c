import type { Graph } from '../ir/graph.ts'
import type { Node } from '../ir/value.ts'
import type { RepeatedBlock } from './blocks.ts'
import { type MergedPart, mergedParts } from './merged-parts.ts'
import { signature } from './signature.ts'
import { staticNodes } from './static-nodes.ts'
import { hasWeights } from './weights.ts'

/** Parts alike that fork and meet again, none inside of another: `residual`, `branches`. */
export function mergedBlocks(graph: Graph): readonly RepeatedBlock[] {
  const parts = mergedParts(graph)
  const bySignature = new Map<string, MergedPart[]>()
  const { constant } = staticNodes(graph)
  for (const part of parts) {
    // Constants that several parts read belong to none of them.
    const key = `${part.kind} ${signature(part.nodes.filter((node) => !constant.has(node)))}`
    bySignature.set(key, [...(bySignature.get(key) ?? []), part])
  }
  const groups = [...bySignature.values()].toSorted(([a], [b]) => (b as MergedPart).nodes.length - (a as MergedPart).nodes.length)
  const taken = new Set<Node>()
  const blocks: RepeatedBlock[] = []
  for (const group of groups) {
    const free = group.filter((part) => part.nodes.every((node) => !taken.has(node)))
    if (free.length < 2) continue
    for (const node of free.flatMap((part) => part.nodes)) taken.add(node)
    blocks.push({ name: (free[0] as MergedPart).kind, members: free.map((part) => part.nodes) })
  }
  const order = new Map(graph.nodes.map((node, i) => [node, i]))
  const start = ({ members }: RepeatedBlock) => order.get(members[0]?.[0] as Node) as number
  return blocks.toSorted((a, b) => start(a) - start(b))
}

/** How many kinds of parts may take turns in a block: attention and feed-forward, of a decoder cross attention too, of a Conformer four. */
const mostTurns = 6

/** What may lie between two parts: a normalization written out. */
const longestLink = 16

/** Blocks of residual parts that take turns: attention, feed-forward, attention, feed-forward. Parts are of a kind when their weights are of the same sizes. */
export function sequencedBlocks(graph: Graph): readonly RepeatedBlock[] {
  const parts = outermost(mergedParts(graph).filter(({ kind }) => kind === 'residual'))
  const order = new Map(graph.nodes.map((node, i) => [node, i]))
  const links = parts.map((part, i) => linkBetween(parts[i - 1], part))
  const kinds = parts.map(({ nodes, isWhole }) => `${isWhole} ${weightsKey(nodes)}`)
  const blocks: RepeatedBlock[] = []
  for (;;) {
    const { found, length } = mostRepeated(kinds, links)
    if (found.length === 0) break
    const members = found.map((first) => {
      const own = parts.slice(first, first + length).flatMap(({ nodes }) => nodes)
      const linked = links.slice(first + 1, first + length + 1).flatMap((link) => link ?? [])
      return [...new Set([...own, ...linked])].toSorted((a, b) => (order.get(a) as number) - (order.get(b) as number))
    })
    blocks.push({ name: 'block', members })
    for (const first of found) for (let i = first; i < first + length; i++) kinds[i] = `taken ${i}`
  }
  return blocks.toSorted((a, b) => (order.get(a.members[0]?.[0] as Node) as number) - (order.get(b.members[0]?.[0] as Node) as number))
}

type Links = readonly (readonly Node[] | null)[]

/** The turn of parts that makes up most of a model by its repetitions; none: no turn is repeated. */
function mostRepeated(kinds: readonly string[], links: Links): { readonly found: readonly number[]; readonly length: number } {
  let best = { found: [] as readonly number[], length: 0 }
  for (let length = 2; length <= mostTurns; length++) {
    for (let first = 0; first + length <= kinds.length; first++) {
      const found = occurrences(kinds, links, { first, length })
      if (found.length > 1 && found.length * length > best.found.length * best.length) best = { found, length }
    }
  }
  return best
}

/** Where the parts from `first` on, which take turns, come again, one behind the other. */
function occurrences(
  kinds: readonly string[],
  links: Links,
  { first, length }: { readonly first: number; readonly length: number },
): readonly number[] {
  const turn = kinds.slice(first, first + length)
  if (new Set(turn).size === 1) return []
  const found: number[] = []
  for (let at = first; at + length <= kinds.length; ) {
    const isOne = turn.every((kind, i) => kind === kinds[at + i] && (i === 0 || links[at + i] !== null))
    if (isOne) found.push(at)
    at += isOne ? length : 1
  }
  return found
}

/** Parts that lie in no other. */
function outermost(parts: readonly MergedPart[]): readonly MergedPart[] {
  const taken = new Set<Node>()
  const found = new Set<MergedPart>()
  for (const part of parts.toSorted((a, b) => b.nodes.length - a.nodes.length)) {
    if (part.nodes.some((node) => taken.has(node))) continue
    for (const node of part.nodes) taken.add(node)
    found.add(part)
  }
  return parts.filter((part) => found.has(part))
}

const weightsKey = (nodes: readonly Node[]): string =>
  nodes
    .filter(hasWeights)
    .map(({ opType, inputs }) => `${opType} ${inputs.map((input) => input?.constant?.ref.dims.join('x') ?? '').join()}`)
    .toSorted()
    .join(' ')

/** What lies between one part and where the next begins, without weights; `null`: the next does not go on with the one. */
function linkBetween(before: MergedPart | undefined, next: MergedPart): readonly Node[] | null {
  if (before === undefined) return null
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
