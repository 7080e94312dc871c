import { layered } from './layered.ts'
import type { Item, Layout, Net, Order, Route } from './types.ts'

/** A layout with positions in place of names, so that it serves every problem of the same form. */
interface Nameless {
  readonly width: number
  readonly height: number
  readonly places: readonly { readonly x: number; readonly y: number }[]
  readonly routes: readonly { readonly net: number; readonly lines: Route['lines']; readonly dots: Route['dots'] }[]
  /** Targets of the lines, as positions of items. */
  readonly targets: readonly (readonly number[])[]
}

const known = new Map<string, Nameless>()
const most = 400

/** Lays out a level; one of the same form as an earlier one (the blocks of a transformer) takes that one's drawing. */
export function layeredOnce(items: readonly Item[], nets: readonly Net[], order: readonly Order[] = []): Layout {
  const key = formOf(items, nets, order)
  const found = known.get(key)
  if (found) return named(found, items, nets)
  const layout = layered(items, nets, order)
  if (known.size >= most) known.clear()
  known.set(key, nameless(layout, items, nets))
  return layout
}

/** The problem with numbers for names: equal for equal forms. */
function formOf(items: readonly Item[], nets: readonly Net[], order: readonly Order[]): string {
  const item = new Map(items.map(({ id }, position) => [id, position]))
  const value = new Map(nets.map(({ value }, position) => [value, position]))
  const ports = (of: Readonly<Record<string, number>> | undefined) =>
    of && Object.entries(of).map(([name, at]) => [value.get(name) ?? -1, at])
  return JSON.stringify([
    items.map(({ width, height, inPorts, outPorts, sideRows, marginRight, pin }) => [
      ...[width, height, marginRight ?? 0, pin ?? 0],
      ...[ports(inPorts), ports(outPorts), ports(sideRows)],
    ]),
    nets.map(({ source, targets }) => [item.get(source), targets.map((target) => item.get(target))]),
    order.map(([above, below]) => [item.get(above), item.get(below)]),
  ])
}

function nameless({ width, height, places, routes }: Layout, items: readonly Item[], nets: readonly Net[]): Nameless {
  const item = new Map(items.map(({ id }, position) => [id, position]))
  const net = new Map(nets.map(({ value }, position) => [value, position]))
  return {
    width,
    height,
    places: items.map(({ id }) => places.get(id)!),
    routes: routes.map(({ value, lines, dots }) => ({ net: net.get(value)!, lines, dots })),
    targets: routes.map(({ lines }) => lines.map(({ target }) => (target === null ? -1 : item.get(target)!))),
  }
}

function named({ width, height, places, routes, targets }: Nameless, items: readonly Item[], nets: readonly Net[]): Layout {
  return {
    width,
    height,
    places: new Map(items.map(({ id }, position) => [id, places[position]!])),
    routes: routes.map(({ net, lines, dots }, position) => ({
      value: nets[net]!.value,
      dots,
      lines: lines.map((line, n) => ({ ...line, target: line.target === null ? null : items[targets[position]![n]!]!.id })),
    })),
  }
}
