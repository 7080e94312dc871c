import { measures, type Rect, type Scene } from './scene.ts'

export type Direction = 'up' | 'down' | 'left' | 'right'

/** Something of a drawing that can be selected. */
export interface Stop extends Rect {
  readonly kind: 'node' | 'group'
  readonly id: string
}

/** Rows, closed groups and the headers of open ones, in the order in which they are drawn. */
export function stopsOf({ boxes }: Scene): Stop[] {
  return boxes.flatMap((box): Stop[] => {
    if (box.kind === 'stack')
      return box.rows.map(({ node }, row) => ({
        kind: 'node',
        id: node,
        x: box.x,
        y: box.y + row * measures.row,
        width: box.width,
        height: measures.row,
      }))
    if (box.kind === 'group') return [{ ...box, kind: 'group', id: box.group.id }]
    return box.kind === 'open' ? [{ kind: 'group', id: box.group.id, x: box.x, y: box.y, width: box.width, height: measures.header }] : []
  })
}

/** A step to the side counts this much: one goes on in the direction that was meant. */
const sideways = 3

/** The nearest stop in a direction; `null` at the edge of the drawing. */
export function stepFrom(stops: readonly Stop[], from: Stop, direction: Direction): Stop | null {
  const upright = direction === 'up' || direction === 'down'
  const sign = direction === 'down' || direction === 'right' ? 1 : -1
  const spans = (stop: Stop) => ({ across: { at: stop.x, size: stop.width }, down: { at: stop.y, size: stop.height } })
  const here = spans(from)
  let best: { stop: Stop; cost: number } | null = null
  for (const stop of stops) {
    const { across, down } = spans(stop)
    const [along, beside] = upright
      ? [apart(down, here.down), apart(across, here.across)]
      : [apart(across, here.across), apart(down, here.down)]
    if (along.overlap || along.centres * sign <= 0) continue
    const cost = along.centres * sign + sideways * beside.gap + Math.abs(beside.centres) / 10
    if (best === null || cost < best.cost) best = { stop, cost }
  }
  return best?.stop ?? null
}

interface Span {
  readonly at: number
  readonly size: number
}

function apart(a: Span, b: Span): { readonly overlap: boolean; readonly gap: number; readonly centres: number } {
  const gap = Math.max(a.at - (b.at + b.size), b.at - (a.at + a.size))
  return { overlap: gap < 0, gap: Math.max(0, gap), centres: a.at + a.size / 2 - b.at - b.size / 2 }
}
