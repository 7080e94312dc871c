import type { Layers } from './order.ts'
import { trunkKey } from './order.ts'
import { monotone } from './place.ts'
import { gaps, type Item, type Net } from './types.ts'

/** Where nets leave and enter: x of every end, and the row for ends at the side of a stack. */
export interface Ports {
  readonly out: (net: Net) => number
  readonly into: (net: Net, target: string) => { readonly x: number; readonly row: number | null }
}

const inset = 10
const spacing = 14

/** Free ports stand as close under their line as the box allows, so that lines run straight. */
export function portsOf(layers: Layers, nets: readonly Net[], x: ReadonlyMap<string, number>): Ports {
  const items = new Map<string, Item>()
  for (const layer of layers.slots) for (const { item } of layer) if (item) items.set(item.id, item)
  const left = (item: Item) => x.get(item.id)! - item.width / 2
  const outs = new Map<string, number>()
  for (const [source, group] of by(nets, ({ source }) => source)) {
    const item = items.get(source)!
    const free = group.filter(({ value }) => item.outPorts?.[value] === undefined)
    for (const net of group) outs.set(`${net.value}`, left(item) + (item.outPorts?.[net.value] ?? item.width / 2))
    if (free.length > 1) for (const [value, at] of spread(free, item, left(item), (net) => towards(net, x))) outs.set(value, at)
  }
  /** x of the line that comes down to a target: the trunk in the layer above, or the source itself. */
  const above = (net: Net, target: string) => {
    const layer = layers.rank.get(target)! - 1
    return x.get(trunkKey(net, layer)) ?? (layer === layers.rank.get(net.source) ? outs.get(net.value)! : x.get(target)! - 1000)
  }
  const ins = new Map<string, { x: number; row: number | null }>()
  const arrivals = nets.flatMap((net) => net.targets.map((target) => ({ net, target })))
  for (const [target, group] of by(arrivals, (arrival) => arrival.target)) {
    const item = items.get(target)!
    const free: Net[] = []
    for (const { net } of group) {
      const row = item.sideRows?.[net.value]
      const fixed = item.inPorts?.[net.value]
      if (row !== undefined) ins.set(inKey(net, target), { x: left(item) - gaps.sideLane + 3, row })
      else if (fixed !== undefined) ins.set(inKey(net, target), { x: left(item) + fixed, row: null })
      else free.push(net)
    }
    const found = spread(free, item, left(item), (net) => above(net, target))
    for (const net of free) ins.set(inKey(net, target), { x: found.get(net.value)!, row: null })
  }
  return { out: (net) => outs.get(net.value)!, into: (net, target) => ins.get(inKey(net, target))! }
}

const inKey = (net: Net, target: string) => `${target}|${net.value}`

/** x by value: as near to what each net wishes as the order and the room allow. */
function spread(nets: readonly Net[], item: Item, left: number, wish: (net: Net) => number): Map<string, number> {
  const wanted = nets.map((net) => ({ net, x: wish(net) })).sort((a, b) => a.x - b.x)
  // Exits of a group are no wider than a line.
  const edge = Math.min(inset, item.width / 2)
  const room = item.width - 2 * edge
  const gap = wanted.length > 1 ? Math.min(spacing, room / (wanted.length - 1)) : 0
  const low = left + edge
  const kept = monotone(wanted.map(({ x }, position) => ({ value: x - position * gap, weight: 1 })))
  const highest = left + item.width - edge - (wanted.length - 1) * gap
  return new Map(
    wanted.map(({ net }, position) => [net.value, Math.min(Math.max(kept[position]!, low), Math.max(low, highest)) + position * gap]),
  )
}

function towards(net: Net, x: ReadonlyMap<string, number>): number {
  return net.targets.reduce((sum, target) => sum + x.get(target)!, 0) / Math.max(1, net.targets.length)
}

function by<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group) group.push(one)
    else groups.set(key(one), [one])
  }
  return groups
}
