import type { NodeView } from '../../core/api/graph-view.ts'
import { type GraphIndex, type GroupInfo, rootId } from './graph-index.ts'
import { stacksOf } from './stacks.ts'

/** One thing that stands in a group, before it has a size: nodes in one box, an open group, or closed groups in one pile. */
export type Block =
  | { readonly id: string; readonly kind: 'stack'; readonly nodes: readonly NodeView[] }
  | { readonly id: string; readonly kind: 'open'; readonly group: GroupInfo; readonly nodes: readonly NodeView[] }
  | { readonly id: string; readonly kind: 'group'; readonly groups: readonly GroupInfo[]; readonly nodes: readonly NodeView[] }

/** The members of a group as blocks, in graph order. */
export function blocksOf(index: GraphIndex, parent: string, isOpen: (group: string) => boolean): Block[] {
  const children = index.children.get(parent) ?? []
  const stacks = stacksOf(
    index,
    children.flatMap((child) => (child.kind === 'node' ? [child.node] : [])),
  )
  const stackOfHead = new Map(stacks.map((nodes) => [nodes[0]!.id, nodes]))
  const blocks: Block[] = []
  for (const child of children) {
    if (child.kind === 'node') {
      const nodes = stackOfHead.get(child.node.id)
      if (nodes) blocks.push({ id: nodes[0]!.id, kind: 'stack', nodes })
      continue
    }
    const nodes = index.inside.get(child.group.id)!
    if (isOpen(child.group.id)) blocks.push({ id: child.group.id, kind: 'open', group: child.group, nodes })
    else addClosed(index, blocks, child.group, nodes)
  }
  return blocks
}

/** Identical groups that follow each other make one pile. */
function addClosed(index: GraphIndex, blocks: Block[], group: GroupInfo, nodes: readonly NodeView[]): void {
  const at = blocks.findLastIndex((block) => block.kind === 'group' && block.groups[0]!.shape === group.shape)
  const before = blocks[at]
  if (before?.kind === 'group' && feeds(index, before.groups.at(-1)!.id, group.id)) {
    blocks[at] = { ...before, groups: [...before.groups, group], nodes: [...before.nodes, ...nodes] }
    return
  }
  blocks.push({ id: group.id, kind: 'group', groups: [group], nodes })
}

function feeds(index: GraphIndex, from: string, to: string): boolean {
  return index.inside.get(from)!.some(({ outputs }) => outputs.some((value) => readIn(index, value, to)))
}

const readIn = (index: GraphIndex, value: string, group: string) =>
  !index.buses.has(value) && (index.readers.get(value) ?? []).some(({ path }) => path.includes(group))

/** How values run between the blocks of one group. */
export interface Flow {
  /** Value -> block that makes it, and blocks that read it. */
  readonly inner: readonly { readonly value: string; readonly from: string; readonly to: readonly string[] }[]
  /** Values from outside, with the blocks that read them. */
  readonly entering: readonly { readonly value: string; readonly to: readonly string[] }[]
  /** Values made here and read outside. */
  readonly leaving: readonly { readonly value: string; readonly from: string }[]
  /** Bus values made here (`out`) or read here (`in`), per block. */
  readonly labels: readonly { readonly value: string; readonly block: string; readonly side: 'in' | 'out' }[]
  /** Blocks that stand above others because a bus value runs from them. */
  readonly order: readonly (readonly [string, string])[]
}

export function flowOf(index: GraphIndex, parent: string, blocks: readonly Block[]): Flow {
  const home = new Map<string, string>()
  for (const block of blocks) for (const node of block.nodes) home.set(node.id, block.id)
  const flow = { inner: [], entering: [], leaving: [], labels: [], order: [] } as { [Key in keyof Flow]: Flow[Key][number][] }
  for (const value of valuesAround(blocks)) addValue(index, { parent, home, value }, flow)
  return flow
}

function valuesAround(blocks: readonly Block[]): Set<string> {
  return new Set(blocks.flatMap(({ nodes }) => nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])))
}

function addValue(
  index: GraphIndex,
  at: { readonly parent: string; readonly home: ReadonlyMap<string, string>; readonly value: string },
  flow: { [Key in keyof Flow]: Flow[Key][number][] },
): void {
  const { value, home } = at
  const readers = index.readers.get(value) ?? []
  const maker = index.maker.get(value)
  const from = maker && home.get(maker.id)
  const to = [...new Set(readers.flatMap(({ id }) => home.get(id) ?? []))].filter((block) => block !== from)
  const outside = readers.some(({ id }) => !home.has(id)) || index.outputs.has(value)
  if (index.buses.has(value)) {
    if (from !== undefined && (to.length > 0 || outside)) flow.labels.push({ value, block: from, side: 'out' })
    for (const block of to) {
      flow.labels.push({ value, block, side: 'in' })
      if (from !== undefined) flow.order.push([from, block])
    }
    if (from !== undefined && index.outputs.has(value)) flow.leaving.push({ value, from })
    return
  }
  if (from === undefined) {
    if (to.length > 0) flow.entering.push({ value, to })
    return
  }
  if (to.length > 0) flow.inner.push({ value, from, to })
  if (outside && (at.parent !== rootId || index.outputs.has(value))) flow.leaving.push({ value, from })
}
