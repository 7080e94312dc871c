import type { GraphIndex } from './graph-index.ts'
import { measures, type Rect } from './scene.ts'
import { overlaps, type SceneIndex } from './spatial.ts'

/** Nodes that a rectangle on the drawing touches: single rows, and all that stands in closed groups; in the order of the drawing. */
export function nodesIn(rect: Rect, scene: SceneIndex, graph: Pick<GraphIndex, 'inside'>): readonly string[] {
  return scene.boxes.within(rect).flatMap((box) => {
    if (box.kind === 'group') return box.members.flatMap((id) => (graph.inside.get(id) ?? []).map(({ id }) => id))
    if (box.kind !== 'stack') return []
    const { x, y, width } = box
    return box.rows.flatMap(({ node }, row) => {
      const place = { x, y: y + row * measures.row, width, height: measures.row }
      return overlaps(place, rect) ? [node] : []
    })
  })
}

/** The rectangle between two corners. */
export const between = (a: { readonly x: number; readonly y: number }, b: { readonly x: number; readonly y: number }): Rect => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
})
