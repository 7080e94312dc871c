import { type Item, longestInnerSpan, type Net } from './types.ts'

/** A place in a layer: an item, or the trunk of a net on its way through. */
export interface Slot {
  readonly key: string
  readonly item: Item | null
  readonly net: Net | null
}

export interface Layers {
  readonly rank: ReadonlyMap<string, number>
  readonly slots: Slot[][]
  /** For each net: the layers in which it has a trunk, and whether it runs in a lane for some readers. */
  readonly trunks: ReadonlyMap<Net, number>
  /** Over how many layers lines run between the boxes at most. */
  readonly span: number
}

export const trunkKey = (net: Net, layer: number) => `${layer}|${net.value}`

/** Slots of every layer, ordered so that nets cross little: barycentre sweeps, down and up. */
export function orderLayers(items: readonly Item[], nets: readonly Net[], rank: ReadonlyMap<string, number>): Layers {
  const count = Math.max(0, ...rank.values()) + 1
  const slots: Slot[][] = Array.from({ length: count }, () => [])
  for (const item of items) slots[rank.get(item.id)!]!.push({ key: item.id, item, net: null })
  const trunks = new Map<Net, number>()
  const span = longestInnerSpan(items.length)
  for (const net of nets) {
    const end = trunkEnd(net, rank, span)
    trunks.set(net, end)
    for (let layer = rank.get(net.source)! + 1; layer < end; layer++) slots[layer]!.push({ key: trunkKey(net, layer), item: null, net })
  }
  sweep(slots, neighboursOf(nets, rank, trunks))
  return { rank, slots, trunks, span }
}

/** The last layer that a net reaches between the boxes; readers further down are served from the lane. */
function trunkEnd(net: Net, rank: ReadonlyMap<string, number>, span: number): number {
  const from = rank.get(net.source)!
  const near = net.targets.map((target) => rank.get(target)!).filter((layer) => layer > from && layer - from <= span)
  return Math.max(from, ...near)
}

type Neighbours = ReadonlyMap<string, { readonly up: string[]; readonly down: string[] }>

export function neighboursOf(nets: readonly Net[], rank: ReadonlyMap<string, number>, trunks: ReadonlyMap<Net, number>): Neighbours {
  const found = new Map<string, { up: string[]; down: string[] }>()
  const of = (key: string) => {
    const known = found.get(key)
    if (known) return known
    const fresh = { up: [] as string[], down: [] as string[] }
    found.set(key, fresh)
    return fresh
  }
  const join = (upper: string, lower: string) => {
    of(upper).down.push(lower)
    of(lower).up.push(upper)
  }
  for (const net of nets) {
    const from = rank.get(net.source)!
    const at = (layer: number) => (layer === from ? net.source : trunkKey(net, layer))
    for (let layer = from; layer + 1 < trunks.get(net)!; layer++) join(at(layer), at(layer + 1))
    for (const target of net.targets) {
      const to = rank.get(target)!
      if (to > from && to <= trunks.get(net)!) join(at(to - 1), target)
    }
  }
  return found
}

function sweep(slots: Slot[][], neighbours: Neighbours): void {
  const place = new Map<string, number>()
  const index = (layer: Slot[]) => {
    for (const [position, { key }] of layer.entries()) place.set(key, (position + 0.5) / layer.length)
  }
  slots.forEach(index)
  for (let round = 0; round < 4; round++) {
    for (const layer of slots) sortBy(layer, place, (key) => neighbours.get(key)?.up, index)
    for (const layer of [...slots].reverse()) sortBy(layer, place, (key) => neighbours.get(key)?.down, index)
  }
}

function sortBy(
  layer: Slot[],
  place: ReadonlyMap<string, number>,
  near: (key: string) => readonly string[] | undefined,
  index: (layer: Slot[]) => void,
): void {
  if (layer.length < 2) return
  const weight = new Map(layer.map(({ key }) => [key, mean(near(key) ?? [], place) ?? place.get(key)!]))
  layer.sort((a, b) => weight.get(a.key)! - weight.get(b.key)!)
  index(layer)
}

function mean(keys: readonly string[], place: ReadonlyMap<string, number>): number | null {
  if (keys.length === 0) return null
  return keys.reduce((sum, key) => sum + (place.get(key) ?? 0), 0) / keys.length
}
