import { Channel } from './channels.ts'
import { type Lane, type LaneSide, lanesOf, needsLane } from './lanes.ts'
import { type Layers, orderLayers, trunkKey } from './order.ts'
import { anchorOf, placeAcross } from './place.ts'
import { type Ports, portsOf } from './ports.ts'
import { ranksOf } from './rank.ts'
import { gaps, type Item, type Layout, type Net, type Order, type Point, type Route } from './types.ts'

/**
 * A layered drawing of one group, top to bottom, with orthogonal lines: one bus per value, long lines in lanes at the sides.
 * Cost is near linear in boxes and edges, so that even a flat graph of many thousand nodes is drawn at once.
 */
export function layered(items: readonly Item[], nets: readonly Net[], order: readonly Order[] = []): Layout {
  if (items.length === 0) return { width: 0, height: 0, places: new Map(), routes: [] }
  const rank = ranksOf(items, nets, order)
  const layers = orderLayers(items, nets, rank)
  const x = shiftedToZero(layers, placeAcross(layers, nets), nets)
  const drawing = new Drawing(layers, nets, x)
  return drawing.layout(items)
}

interface Across {
  readonly x: ReadonlyMap<string, number>
  readonly lanes: ReadonlyMap<Net, { readonly lane: Lane; readonly x: number }>
  readonly width: number
}

function shiftedToZero(layers: Layers, x: Map<string, number>, nets: readonly Net[]): Across {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const layer of layers.slots) {
    for (const slot of layer) {
      const left = x.get(slot.key)! - anchorOf(slot)
      const right = slot.item ? x.get(slot.key)! + slot.item.width / 2 + (slot.item.marginRight ?? 0) : left + 2
      low = Math.min(low, left)
      high = Math.max(high, right)
    }
  }
  // Lines come round the boxes at the side that is nearer to their two ends.
  const middle = (low + high) / 2
  const lanes = lanesOf(nets, layers, ({ source }, targets) => {
    const readers = targets.reduce((sum, target) => sum + x.get(target)!, 0) / targets.length
    return x.get(source)! + readers > 2 * middle + gaps.lane ? 'right' : 'left'
  })
  const depth = { left: depthOf(lanes, 'left'), right: depthOf(lanes, 'right') }
  const shift = depth.left - low
  const laneX = ({ side, track }: Lane) =>
    side === 'left' ? depth.left - (track + 0.5) * gaps.lane : high + shift + (track + 0.5) * gaps.lane
  return {
    x: new Map([...x].map(([key, place]) => [key, Math.round(place + shift)])),
    lanes: new Map(lanes.map((lane) => [lane.net, { lane, x: laneX(lane) }])),
    width: high + shift + depth.right,
  }
}

const depthOf = (lanes: readonly Lane[], wanted: LaneSide) =>
  lanes.reduce((most, { side, track }) => (side === wanted ? Math.max(most, track + 1) : most), 0) * gaps.lane

class Drawing {
  private readonly channels: Channel[]
  private readonly ports: Ports
  private readonly tops: number[] = []
  private readonly heights: number[]
  private readonly items = new Map<string, Item>()
  private readonly firstOfLayer = new Set<string>()
  private readonly layers: Layers
  private readonly nets: readonly Net[]
  private readonly across: Across

  constructor(layers: Layers, nets: readonly Net[], across: Across) {
    this.layers = layers
    this.nets = nets
    this.across = across
    for (const layer of layers.slots) {
      for (const { item } of layer) if (item) this.items.set(item.id, item)
      if (layer[0]?.item) this.firstOfLayer.add(layer[0].item.id)
    }
    this.heights = layers.slots.map((layer) => Math.max(0, ...layer.map(({ item }) => item?.height ?? 0)))
    this.ports = portsOf(layers, nets, across.x)
    this.channels = [-1, ...layers.slots.keys()].map(() => new Channel())
    for (const net of nets) this.claim(net)
    for (const channel of this.channels) channel.settle()
    this.stack()
  }

  private channel(layer: number): Channel {
    return this.channels[layer + 1]!
  }

  /** The line of a net through a layer: its trunk there, or its port at the source. */
  private lineAt(net: Net, layer: number): number {
    return layer === this.layers.rank.get(net.source) ? this.ports.out(net) : this.across.x.get(trunkKey(net, layer))!
  }

  /** Beside a stack that is the first of its layer nothing stands between its rows and the lanes at the left. */
  private entersFromLane(net: Net, target: string, row: number | null): boolean {
    return row !== null && this.across.lanes.get(net)?.lane.side === 'left' && this.firstOfLayer.has(target)
  }

  private claim(net: Net): void {
    const from = this.layers.rank.get(net.source)!
    const end = this.layers.trunks.get(net)!
    for (let layer = from; layer + 1 < end; layer++)
      this.channel(layer).add(net, 'trunk', [this.lineAt(net, layer), this.lineAt(net, layer + 1)])
    const lane = this.across.lanes.get(net)
    if (lane) this.channel(from).add(net, 'trunk', [this.ports.out(net), lane.x])
    for (const target of net.targets) {
      const to = this.layers.rank.get(target)!
      const port = this.ports.into(net, target)
      if (!needsLane(from, to, this.layers.span)) this.channel(to - 1).add(net, 'trunk', [this.lineAt(net, to - 1), port.x])
      else if (!this.entersFromLane(net, target, port.row)) this.channel(to - 1).add(net, 'lane', [lane!.x, port.x])
    }
  }

  /** Vertical places: layers and channels in turn. */
  private stack(): void {
    let y = this.channel(-1).stretches.size > 0 ? this.channel(-1).height : 0
    for (const [layer, height] of this.heights.entries()) {
      this.tops.push(y)
      y += height + (layer + 1 < this.heights.length ? this.channel(layer).height : 0)
    }
  }

  private trackY(layer: number, net: Net, kind: 'trunk' | 'lane'): number {
    const top = layer < 0 ? 0 : this.tops[layer]! + this.heights[layer]!
    return Math.round(top + this.channel(layer).trackOf(net, kind))
  }

  layout(items: readonly Item[]): Layout {
    const places = new Map(
      items.map((item): [string, Point] => [
        item.id,
        { x: this.across.x.get(item.id)! - item.width / 2, y: this.tops[this.layers.rank.get(item.id)!]! },
      ]),
    )
    const last = this.heights.length - 1
    const tail = this.channel(last).stretches.size > 0 ? this.channel(last).height : 0
    return {
      width: this.across.width,
      height: this.tops[last]! + this.heights[last]! + tail,
      places,
      routes: this.nets.map((net) => this.route(net)),
    }
  }

  private route(net: Net): Route {
    const from = this.layers.rank.get(net.source)!
    const inner = net.targets.filter((target) => !needsLane(from, this.layers.rank.get(target)!, this.layers.span))
    const outer = this.across.lanes.get(net)?.lane.targets ?? []
    inner.sort((a, b) => this.layers.rank.get(b)! - this.layers.rank.get(a)!)
    const lines = inner.map((target, position) => this.innerLine(net, target, position === 0))
    for (const [position, target] of outer.entries()) lines.push(this.laneLine(net, target, { full: inner.length === 0 && position === 0 }))
    return { value: net.value, lines, dots: this.dots(net) }
  }

  /** Down the trunk to a reader; all but the deepest begin where they leave the trunk. */
  private innerLine(net: Net, target: string, full: boolean): Route['lines'][number] {
    const from = this.layers.rank.get(net.source)!
    const to = this.layers.rank.get(target)!
    const points: Point[] = []
    const start = full ? from : to - 1
    let x = this.lineAt(net, start)
    points.push({ x, y: full ? this.sourceBottom(net) : this.trackY(start, net, 'trunk') })
    for (let layer = start; layer < to; layer++) {
      const next = layer + 1 < to ? this.lineAt(net, layer + 1) : this.ports.into(net, target).x
      turn(points, x, next, this.trackY(layer, net, 'trunk'))
      x = next
    }
    this.arrive(points, net, target)
    return { points, arrow: true, target }
  }

  private laneLine(net: Net, target: string, { full }: { readonly full: boolean }): Route['lines'][number] {
    const from = this.layers.rank.get(net.source)!
    const to = this.layers.rank.get(target)!
    const laneX = this.across.lanes.get(net)!.x
    const out = this.ports.out(net)
    const leave = this.trackY(from, net, 'trunk')
    const points: Point[] = [{ x: out, y: full ? this.sourceBottom(net) : leave }]
    turn(points, out, laneX, leave)
    const port = this.ports.into(net, target)
    if (this.entersFromLane(net, target, port.row)) {
      const y = this.tops[to]! + port.row!
      points.push({ x: laneX, y }, { x: this.leftOf(target), y })
    } else {
      turn(points, laneX, port.x, this.trackY(to - 1, net, 'lane'))
      this.arrive(points, net, target)
    }
    return { points, arrow: true, target }
  }

  /** The last stretch: into the top of a box, or beside a stack and into its row. */
  private arrive(points: Point[], net: Net, target: string): void {
    const { x, row } = this.ports.into(net, target)
    const top = this.tops[this.layers.rank.get(target)!]!
    if (row === null) points.push({ x, y: top })
    else points.push({ x, y: top + row }, { x: this.leftOf(target), y: top + row })
  }

  private leftOf = (target: string) => this.across.x.get(target)! - this.items.get(target)!.width / 2
  private sourceBottom = (net: Net) => this.tops[this.layers.rank.get(net.source)!]! + this.items.get(net.source)!.height

  private dots(net: Net): Point[] {
    const from = this.layers.rank.get(net.source)!
    const end = Math.max(from + 1, this.layers.trunks.get(net)!)
    const dots: Point[] = []
    for (let layer = from; layer < end; layer++) {
      const leaving = net.targets.filter((target) => this.layers.rank.get(target)! === layer + 1).length
      const goesOn = layer + 1 < this.layers.trunks.get(net)! ? 1 : 0
      const lane = layer === from && this.across.lanes.has(net) ? 1 : 0
      if (leaving + goesOn + lane > 1) dots.push({ x: this.lineAt(net, layer), y: this.trackY(layer, net, 'trunk') })
    }
    return dots
  }
}

function turn(points: Point[], x: number, next: number, y: number): void {
  if (Math.abs(next - x) < 0.5) return
  points.push({ x, y }, { x: next, y })
}
