import { measures, type Rect, type Scene } from './scene.ts'

/** Where a node, a group or a pile with a group stands. */
export function rectOf({ boxes }: Scene, id: string): Rect | null {
  for (const box of boxes) {
    if (box.kind === 'stack') {
      const row = box.rows.findIndex(({ node }) => node === id)
      if (row >= 0) return { x: box.x, y: box.y + row * measures.row, width: box.width, height: measures.row }
    } else if (box.id === id || (box.kind === 'group' && box.members.includes(id))) return box
  }
  return null
}

/** The smallest rectangle around several of them; `null` when none is drawn. */
export function rectAround(scene: Scene, ids: readonly string[]): Rect | null {
  const rects = ids.flatMap((id) => rectOf(scene, id) ?? [])
  if (rects.length === 0) return null
  return unionOf(rects)
}

/** Around one rectangle at least. */
export function unionOf(rects: readonly Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  const right = Math.max(...rects.map((rect) => rect.x + rect.width))
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height))
  return { x, y, width: right - x, height: bottom - y }
}
