import type { Node } from '../ir/value.ts'
import { signature } from './signature.ts'
import type { StaticNodes } from './static-nodes.ts'

/** One repetition of a block, before it is settled what of what follows belongs to it. */
export interface Member {
  /** In the order of the graph, up to where its branches meet. */
  readonly nodes: readonly Node[]
  readonly end: Node
  /** What may belong to it behind that: a normalization, an activation. */
  readonly tail: readonly Node[]
}

export interface Surroundings {
  readonly order: ReadonlyMap<Node, number>
  readonly statics: StaticNodes
  /** Nodes of other blocks. */
  readonly taken: ReadonlySet<Node>
}

/**
 * The nodes of each member, ended alike. The last of several differs from the others by what follows it: the norm behind a post-norm block is
 * not followed by a next one there, and the norm before the head of a network is no part of a pre-norm block.
 */
export function withEndsAlike(members: readonly Member[], around: Surroundings): readonly (readonly Node[])[] {
  const keys = members.map(({ tail }) => endKey(tail, around))
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  // Of as many of each the first, as only the last member stands before something else.
  const [usual] = [...counts].toSorted(([, a], [, b]) => b - a)[0] as [string, number]
  const model = (members[keys.indexOf(usual)] as Member).tail
  return members.map(({ nodes, end, tail }, i) => {
    const own = keys[i] === usual ? tail : grown(end, model, around)
    return [...new Set([...nodes, ...own])].toSorted((a, b) => (around.order.get(a) as number) - (around.order.get(b) as number))
  })
}

const endKey = (tail: readonly Node[], { statics }: Surroundings): string => signature(tail.filter((node) => !statics.constant.has(node)))

/** What comes of a node next, if it is made of the same operators as a model; else nothing. */
function grown(end: Node, model: readonly Node[], { order, statics, taken }: Surroundings): readonly Node[] {
  const wanted = new Map<string, number>()
  const left = (node: Node) => wanted.get(node.opType) ?? 0
  for (const node of model) if (!statics.constant.has(node)) wanted.set(node.opType, left(node) + 1)
  let missing = [...wanted.values()].reduce((sum, count) => sum + count, 0)
  const found = new Set([end])
  const isReady = (node: Node) =>
    node.inputs.every((input) => input?.producer == null || found.has(input.producer) || statics.constant.has(input.producer))
  const readers = () =>
    [...new Set([...found].flatMap(({ outputs }) => outputs.flatMap(({ uses }) => uses.map((use) => use.node))))]
      .filter((node) => !found.has(node) && order.has(node) && !taken.has(node) && left(node) > 0 && isReady(node))
      .toSorted((a, b) => (order.get(a) as number) - (order.get(b) as number))
  for (let [next] = readers(); next !== undefined && missing > 0; [next] = readers()) {
    wanted.set(next.opType, left(next) - 1)
    found.add(next)
    missing--
  }
  return missing > 0 ? [] : [...found].slice(1)
}
