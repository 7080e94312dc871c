import type { Point } from './layered/types.ts'
import type { MarginNote } from './notes-of.ts'
import type { Rect } from './scene.ts'
import { overlaps, type SceneIndex } from './spatial.ts'

/** A note in screen pixels of the canvas, with the line to its place. */
export interface PlacedNote {
  readonly note: MarginNote
  readonly x: number
  readonly y: number
  readonly width: number
  readonly leader: string
  /** Where the line ends at the drawing. */
  readonly end: Point
}

const most = 3
const width = 264
const gap = 10
const top = 34
/** Legend and map. */
const below = 190
const line = 14
const letters = 46

/** Pixels that a note takes, from the length of what it says. */
const heightOf = ({ text, kind }: MarginNote) => 34 + Math.ceil(text.length / letters) * line + (kind === 'sensitive' ? 30 : 0)

/**
 * Notes of what is in view, level with their places, from the top down. A note that would stand on nodes is left out: it would hide more
 * than it tells.
 * @param drawing what stands in it, and the words beside its outlines
 * @param seen the part of the drawing in view, in its own pixels
 */
export function placeNotes(notes: readonly MarginNote[], drawing: Drawn, seen: Rect, zoom: number): PlacedNote[] {
  const size = { width: seen.width * zoom, height: seen.height * zoom }
  const x = size.width - width - 12
  const inView = notes.filter(({ at }) => overlaps(at, seen)).sort((a, b) => a.at.y - b.at.y)
  const placed: PlacedNote[] = []
  let free = top
  for (const note of inView) {
    if (placed.length === most) break
    const end = { x: (note.at.x + note.at.width - seen.x) * zoom + 3, y: (note.at.y + note.at.height / 2 - seen.y) * zoom }
    const height = heightOf(note)
    const inScene = (top: number) => ({
      ...{ x: seen.x + (x - gap) / zoom, y: seen.y + top / zoom },
      ...{ width: (width + gap) / zoom, height: height / zoom },
    })
    const y = belowLabels(drawing.labels, inScene, Math.max(free, end.y - 16), (scene) => (scene - seen.y) * zoom + gap)
    if (end.x > x - 14 || y + height > size.height - below || isTaken(drawing.index, inScene(y))) continue
    // Down to its note a line runs just before it.
    const from = Math.min(end.y, y + 16)
    const fall = { x: seen.x + (x - gap) / zoom, y: seen.y + from / zoom, width: 1 / zoom, height: Math.abs(y + 16 - end.y) / zoom }
    if (drawing.labels.some((label) => overlaps(label, fall))) continue
    placed.push({ note, x, y, width, end, leader: leaderBetween(end, { x, y: y + 16 }) })
    free = y + height + gap
  }
  return placed
}

export interface Drawn {
  readonly index: SceneIndex
  readonly labels: readonly Rect[]
}

/** The first height from `y` on at which a note stands on no words of an outline. */
function belowLabels(labels: readonly Rect[], placeAt: (y: number) => Rect, y: number, foot: (bottom: number) => number): number {
  const hidden = labels.find((label) => overlaps(label, placeAt(y)))
  return hidden ? belowLabels(labels, placeAt, Math.max(y + 1, foot(hidden.y + hidden.height)), foot) : y
}

/** Open groups are ground; everything else is something that a note would hide. */
const isTaken = ({ boxes }: SceneIndex, place: Rect) => boxes.within(place).some(({ kind }) => kind !== 'open')

/** A hairline with one bend at most, just before the note. */
function leaderBetween(from: Point, to: Point): string {
  if (Math.abs(from.y - to.y) < 1) return `M${from.x} ${from.y}H${to.x}`
  const bend = to.x - 10
  return `M${from.x} ${from.y}H${bend}V${to.y}H${to.x}`
}
