import type { Graph } from '../ir/graph.ts'
import type { Node } from '../ir/value.ts'
import type { RepeatedBlock } from './blocks.ts'
import { type Member, withEndsAlike } from './member-ends.ts'
import type { MergedPart } from './merged-parts.ts'
import { signature } from './signature.ts'
import { staticNodes } from './static-nodes.ts'

/** Parts alike that fork and meet again, none inside of another: `residual`, `branches`. */
export function mergedBlocks(graph: Graph, parts: readonly MergedPart[]): readonly RepeatedBlock[] {
  const order = new Map(graph.nodes.map((node, i) => [node, i]))
  const statics = staticNodes(graph)
  const bySignature = new Map<string, Member[]>()
  const kinds = new Map<Member, MergedPart['kind']>()
  for (const part of parts) {
    const member = memberOf(part, order)
    kinds.set(member, part.kind)
    // Constants that several parts read belong to none of them.
    const key = `${part.kind} ${signature(member.nodes.filter((node) => !statics.constant.has(node)))}`
    const group = bySignature.get(key)
    if (group === undefined) bySignature.set(key, [member])
    else group.push(member)
  }
  const groups = [...bySignature.values()].toSorted(([a], [b]) => (b as Member).nodes.length - (a as Member).nodes.length)
  const taken = new Set<Node>()
  const blocks: RepeatedBlock[] = []
  for (const group of groups) {
    const free = apart(group.filter(({ nodes }) => nodes.every((node) => !taken.has(node))))
    if (free.length < 2) continue
    const members = withEndsAlike(free, { order, statics, taken })
    for (const node of members.flat()) taken.add(node)
    blocks.push({ name: kinds.get(free[0] as Member) as string, members })
  }
  const start = ({ members }: RepeatedBlock) => order.get(members[0]?.[0] as Node) as number
  return blocks.toSorted((a, b) => start(a) - start(b))
}

function memberOf({ nodes, end }: MergedPart, order: ReadonlyMap<Node, number>): Member {
  const last = order.get(end) as number
  const isAfter = (node: Node) => (order.get(node) as number) > last
  return { nodes: nodes.filter((node) => !isAfter(node)), end, tail: nodes.filter(isAfter) }
}

/** Members that share no node: where several end with one and the same part, the first of them. */
function apart(members: readonly Member[]): readonly Member[] {
  const seen = new Set<Node>()
  return members.filter(({ nodes }) => {
    if (nodes.some((node) => seen.has(node))) return false
    for (const node of nodes) seen.add(node)
    return true
  })
}
