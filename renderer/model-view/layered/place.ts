import type { Layers, Slot } from './order.ts'
import { neighboursOf } from './order.ts'
import { gaps, type Net } from './types.ts'

const trunkWidth = 2

export const widthOf = ({ item }: Slot): number => (item ? item.width + sideSpace(item) + (item.marginRight ?? 0) : trunkWidth)

/** Room at the left of a stack for the lines that enter its rows. */
export const sideSpace = (item: { readonly sideRows?: Readonly<Record<string, number>> }): number =>
  item.sideRows && Object.keys(item.sideRows).length > 0 ? gaps.sideLane : 0

/** The centre line of a slot: where its box is centred, not its margins. */
export const anchorOf = (slot: Slot): number => (slot.item ? sideSpace(slot.item) + slot.item.width / 2 : trunkWidth / 2)

/**
 * Horizontal place of every slot (its anchor): each wants to stand under the mean of its neighbours; the order and the gaps of a layer are
 * kept, and within that the squared distances to the wishes are smallest (pool adjacent violators).
 */
export function placeAcross(layers: Layers, nets: readonly Net[]): Map<string, number> {
  const neighbours = neighboursOf(nets, layers.rank, layers.trunks)
  const x = new Map<string, number>()
  for (const layer of layers.slots) spread(layer, x, () => null)
  const towards = (sides: readonly ('up' | 'down')[]) => (slot: Slot) => {
    const near = neighbours.get(slot.key)
    if (!near) return null
    const places = sides.flatMap((side) => near[side]).map((key) => x.get(key)!)
    return places.length === 0 ? null : places.reduce((sum, place) => sum + place, 0) / places.length
  }
  for (let round = 0; round < 5; round++) {
    for (const layer of layers.slots) spread(layer, x, towards(['up']))
    for (const layer of [...layers.slots].reverse()) spread(layer, x, towards(['down']))
  }
  for (const layer of layers.slots) spread(layer, x, towards(['up', 'down']))
  straighten(layers, x, towards(['up', 'down']))
  drawTogether(layers, x, partsOf(layers, neighbours))
  return x
}

/** Number of the part that a slot belongs to: what no line joins, nothing holds near each other either. */
function partsOf(layers: Layers, neighbours: ReturnType<typeof neighboursOf>): ReadonlyMap<string, number> {
  const part = new Map<string, number>()
  let count = 0
  for (const { key } of layers.slots.flat()) {
    if (part.has(key)) continue
    const waiting = [key]
    part.set(key, count)
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const { up = [], down = [] } = neighbours.get(at) ?? {}
      for (const next of [...up, ...down]) {
        if (part.has(next)) continue
        part.set(next, count)
        waiting.push(next)
      }
    }
    count++
  }
  return part
}

/** Moves parts of a drawing to the left, from the left on, until one of their slots meets another part's. */
function drawTogether(layers: Layers, x: Map<string, number>, part: ReadonlyMap<string, number>): void {
  const keys = new Map<number, string[]>()
  for (const [key, number] of part) {
    const known = keys.get(number)
    if (known) known.push(key)
    else keys.set(number, [key])
  }
  if (keys.size < 2 || keys.size > mostParts) return
  const leftOf = (members: readonly string[]) => members.reduce((left, key) => Math.min(left, x.get(key)!), Number.POSITIVE_INFINITY)
  const byLeft = [...keys].sort(([, a], [, b]) => leftOf(a) - leftOf(b))
  for (const [number, members] of byLeft) {
    let room = Number.POSITIVE_INFINITY
    for (const layer of layers.slots) {
      for (const [position, slot] of layer.entries()) {
        const before = layer[position - 1]
        if (!before || part.get(slot.key) !== number || part.get(before.key) === number) continue
        const between = x.get(slot.key)! - anchorOf(slot) - (x.get(before.key)! + widthOf(before) - anchorOf(before))
        room = Math.min(room, between - gapBetween(before, slot))
      }
    }
    if (room > 0 && room < Number.POSITIVE_INFINITY) for (const key of members) x.set(key, x.get(key)! - room)
  }
}

/** More parts than this are a heap anyway. */
const mostParts = 40

/** Under the means of their neighbours long lines run down in steps; each wants one place on its whole way, and boxes make room for it. */
function straighten(layers: Layers, x: Map<string, number>, wish: (slot: Slot) => number | null): void {
  const rounds = 3
  for (let round = 0; round < rounds; round++) {
    const ways = new Map<Net, number[]>()
    for (const { net, key } of layers.slots.flat()) {
      const way = net && ways.get(net)
      if (way) way.push(x.get(key)!)
      else if (net) ways.set(net, [x.get(key)!])
    }
    const middle = new Map([...ways].map(([net, places]) => [net, places.sort((a, b) => a - b)[places.length >> 1]!]))
    for (const layer of layers.slots) spread(layer, x, (slot) => (slot.item ? wish(slot) : middle.get(slot.net!)!), straight)
    if (round < rounds - 1) continue
    // A step of less than this is no way round anything.
    for (const { net, key } of layers.slots.flat()) {
      const way = net === null ? undefined : middle.get(net)
      if (way !== undefined && Math.abs(way - x.get(key)!) < gaps.trunk / 3) x.set(key, way)
    }
  }
}

/** How much more a line holds to its place than a box, while places are sought and in the end. */
const loose = 2
const straight = 12

function spread(layer: readonly Slot[], x: Map<string, number>, wish: (slot: Slot) => number | null, hold = loose): void {
  // Positions less the space that the slots before take up: then "keep the order and the gaps" is "do not decrease".
  const offsets: number[] = []
  let used = 0
  for (const [position, slot] of layer.entries()) {
    const before = layer[position - 1]
    if (before) used += widthOf(before) - anchorOf(before) + gapBetween(before, slot) + anchorOf(slot)
    offsets.push(used)
  }
  const middle = used / 2
  const wishes = layer.map((slot, position) => {
    const wanted = wish(slot) ?? x.get(slot.key) ?? offsets[position]! - middle
    return { value: wanted - offsets[position]!, weight: slot.item ? 1 : hold }
  })
  const kept = monotone(wishes)
  for (const [position, slot] of layer.entries()) x.set(slot.key, kept[position]! + offsets[position]!)
}

const gapBetween = (a: Slot, b: Slot) => (a.item && b.item ? gaps.node : gaps.trunk)

/** The non-decreasing sequence nearest to the wishes, by weighted least squares. */
export function monotone(wishes: readonly { readonly value: number; readonly weight: number }[]): number[] {
  const pools: { value: number; weight: number; count: number }[] = []
  for (const { value, weight } of wishes) {
    pools.push({ value, weight, count: 1 })
    for (;;) {
      const last = pools.at(-1)!
      const before = pools.at(-2)
      if (!before || before.value <= last.value) break
      const sum = before.weight + last.weight
      pools.splice(-2, 2, {
        value: (before.value * before.weight + last.value * last.weight) / sum,
        weight: sum,
        count: before.count + last.count,
      })
    }
  }
  return pools.flatMap(({ value, count }) => Array.from({ length: count }, () => value))
}
