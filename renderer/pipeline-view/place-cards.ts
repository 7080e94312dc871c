import { after, leavesOf, sourceId, type Wire, type WiredPipeline } from '../stores/pipeline-edit.ts'

export const card = { height: 60, gapY: 10, left: 12, top: 9 } as const

/** Long chains get narrower cards, so that they still stand in one view. */
const wide = { width: 180, sourceWidth: 120, gapX: 34 }
const narrow = { width: 140, sourceWidth: 124, gapX: 22 }
const longChain = 4

export interface PlacedCard {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly width: number
}

export interface PlacedWire {
  readonly wire: Wire
  readonly path: string
  /** Middle of the wire: where something dropped onto it lands. */
  readonly x: number
  readonly y: number
}

export interface PlacedPipeline {
  readonly cards: readonly PlacedCard[]
  readonly wires: readonly PlacedWire[]
  readonly leaves: readonly { readonly id: string; readonly x: number; readonly y: number }[]
  readonly width: number
  readonly height: number
}

/** Stages from left to right by depth; every leaf has a row, and a stage stands in the middle of the rows that hang on it. */
export function placeCards(pipeline: WiredPipeline): PlacedPipeline {
  const rows = new Map<string, number>()
  const depths = new Map<string, number>()
  let nextRow = 0
  const walk = (id: string, depth: number): number => {
    depths.set(id, depth)
    rows.set(id, nextRow)
    const children = after(pipeline, id).filter((child) => !depths.has(child))
    const row = children.length === 0 ? nextRow++ : mean(children.map((child) => walk(child, depth + 1)))
    rows.set(id, row)
    return row
  }
  walk(sourceId, 0)
  const size = Math.max(...depths.values()) >= longChain ? narrow : wide
  const cards = [...depths].map(([id, depth]): PlacedCard => {
    const x = card.left + (depth === 0 ? 0 : size.sourceWidth + size.gapX + (depth - 1) * (size.width + size.gapX))
    const width = depth === 0 ? size.sourceWidth : size.width
    return { id, x, y: card.top + rows.get(id)! * (card.height + card.gapY), width }
  })
  const byId = new Map(cards.map((one) => [one.id, one]))
  const wires = pipeline.wires.flatMap((wire): PlacedWire[] => {
    const [from, to] = [byId.get(wire[0]), byId.get(wire[1])]
    return from && to ? [wireBetween(wire, from, to)] : []
  })
  const leaves = leavesOf(pipeline).flatMap((id) => {
    const leaf = byId.get(id)
    return leaf ? [{ id, x: leaf.x + leaf.width, y: leaf.y + card.height / 2 }] : []
  })
  return {
    cards,
    wires,
    leaves,
    width: Math.max(...cards.map(({ x, width }) => x + width)) + 170,
    height: card.top * 2 + Math.max(1, nextRow) * (card.height + card.gapY) - card.gapY,
  }
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

function wireBetween(wire: Wire, from: PlacedCard, to: PlacedCard): PlacedWire {
  const x1 = from.x + from.width
  const y1 = from.y + card.height / 2 + 0.5
  const y2 = to.y + card.height / 2 + 0.5
  const end = to.x - 4
  const bend = x1 + Math.round((end - x1) / 2)
  const r = Math.min(5, Math.abs(y2 - y1) / 2)
  const down = y2 > y1 ? 1 : -1
  const path =
    Math.abs(y2 - y1) < 1
      ? `M${x1} ${y1}H${end}`
      : `M${x1} ${y1}H${bend - r}Q${bend} ${y1} ${bend} ${y1 + down * r}V${y2 - down * r}Q${bend} ${y2} ${bend + r} ${y2}H${end}`
  return { wire, path, x: (bend + end) / 2, y: y2 }
}
