import type { Viewport } from '@xyflow/react'
import type { Scene } from './scene.ts'

/** Pixels around a drawing that is shown as a whole. */
export const margin = 24

const readableZoom = 0.6

/** Legend and map stand at the right; a drawing that has the room keeps clear of them. */
const corner = 290
/** The map alone, where there is no more room. */
const mapOnly = 128

export interface Fitting {
  /** A scale that is given, as by the drawing beside it. */
  readonly scale?: number
  /** Neither legend nor map stand before the drawing. */
  readonly bare?: boolean
}

/** The whole drawing when it stays readable, clear of the map if that leaves it so, else its top at a size that can be read. */
export function fittingView(scene: Scene, width: number, height: number, { scale, bare = false }: Fitting = {}): Viewport {
  const across = (room: number) => (room - 2 * margin) / Math.max(1, scene.width)
  const wholeIn = (room: number) => Math.min(across(room), (height - 2 * margin) / Math.max(1, scene.height))
  const rooms = bare ? [width] : [width - mapOnly, width]
  const whole = rooms.map(wholeIn).find((zoom) => zoom >= readableZoom)
  const zoom = scale ?? Math.min(1, whole ?? Math.max(readableZoom, across(width)))
  const fits = scene.height * zoom + 2 * margin < height
  // Of a drawing that runs on below, what stands first in view is centred: its widest part may be far down.
  const { from, to } = fits ? { from: 0, to: scene.width } : acrossTop(scene, height / zoom)
  const taken = (to - from) * zoom
  const beside = bare ? 0 : ([corner, mapOnly, 0].find((room) => taken + 2 * margin < width - room + 1) ?? 0)
  return { x: (width - beside - taken) / 2 - from * zoom, y: fits ? (height - scene.height * zoom) / 2 : margin + 20, zoom }
}

/** How far the boxes reach that stand in the first so many pixels of a drawing; groups that run on are what stands in them. */
function acrossTop({ boxes, width }: Scene, height: number): { readonly from: number; readonly to: number } {
  const seen = boxes.filter((box) => box.kind !== 'open' && box.kind !== 'label' && box.y < height)
  if (seen.length === 0) return { from: 0, to: width }
  return { from: Math.min(...seen.map(({ x }) => x)), to: Math.max(...seen.map((box) => box.x + box.width)) }
}
