import type { Item, Net, Order } from './types.ts'

/**
 * Layer of every item: the longest path from a source, then items with more outgoing than incoming nets drop towards their readers.
 * Groups need not be convex, so the graph of items may hold cycles: the first item in the given order that is still waiting goes ahead,
 * and the edges that then point upwards are drawn as such.
 */
export function ranksOf(items: readonly Item[], nets: readonly Net[], order: readonly Order[] = []): Map<string, number> {
  const edges = edgesOf(items, [...nets, ...order.map(([source, target]) => ({ source, targets: [target] }))])
  const rank = longestPaths(items, edges)
  dropTowardsReaders(items, edges, rank)
  pinBorders(items, rank)
  return rank
}

interface Edges {
  readonly out: ReadonlyMap<string, readonly string[]>
  readonly incoming: ReadonlyMap<string, number>
}

function edgesOf(items: readonly Item[], nets: readonly Pick<Net, 'source' | 'targets'>[]): Edges {
  const out = new Map<string, string[]>(items.map(({ id }) => [id, []]))
  const incoming = new Map(items.map(({ id }) => [id, 0]))
  for (const { source, targets } of nets) {
    for (const target of targets) {
      if (source === target) continue
      out.get(source)?.push(target)
      incoming.set(target, (incoming.get(target) ?? 0) + 1)
    }
  }
  return { out, incoming }
}

function longestPaths(items: readonly Item[], { out, incoming }: Edges): Map<string, number> {
  const rank = new Map<string, number>()
  const waiting = new Map(incoming)
  const reached = new Map<string, number>()
  const ready = items.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id)
  let next = 0
  for (let head = 0; rank.size < items.length; ) {
    let id = ready[head]
    if (id === undefined) {
      while (rank.has(items[next]!.id)) next++
      id = items[next]!.id
    } else head++
    if (rank.has(id)) continue
    rank.set(id, reached.get(id) ?? 0)
    for (const target of out.get(id) ?? []) {
      if (rank.has(target)) continue
      reached.set(target, Math.max(reached.get(target) ?? 0, rank.get(id)! + 1))
      const left = waiting.get(target)! - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  return rank
}

/** A constant's little calculation belongs beside its reader, not at the top of the graph. */
function dropTowardsReaders(items: readonly Item[], { out, incoming }: Edges, rank: Map<string, number>): void {
  const downwards = [...items].sort((a, b) => rank.get(b.id)! - rank.get(a.id)!)
  for (const { id, pin } of downwards) {
    const readers = (out.get(id) ?? []).map((target) => rank.get(target)!).filter((there) => there > rank.get(id)!)
    if (pin || readers.length === 0 || incoming.get(id)! >= readers.length) continue
    rank.set(id, Math.min(...readers) - 1)
  }
}

function pinBorders(items: readonly Item[], rank: Map<string, number>): void {
  const inner = items.filter(({ pin }) => pin === undefined).map(({ id }) => rank.get(id)!)
  const first = Math.min(0, ...inner)
  const last = Math.max(first, ...inner)
  for (const { id, pin } of items) {
    if (pin === 'first') rank.set(id, first)
    if (pin === 'last') rank.set(id, last + 1)
  }
  // Entries have a layer of their own above everything that is not an entry.
  if (!items.some(({ pin }) => pin === 'first')) return
  const crowded = items.some(({ id, pin }) => pin !== 'first' && rank.get(id) === first)
  if (crowded) for (const { id, pin } of items) if (pin !== 'first') rank.set(id, rank.get(id)! + 1)
}
