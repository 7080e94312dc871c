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
/** Of legend and map from the edge. */
const inset = 12
const line = 14
const letters = 46

/** Pixels that a note takes, from the length of what it says. */
const heightOf = ({ text, kind }: MarginNote) => 34 + Math.ceil(text.length / letters) * line + (kind === 'sensitive' ? 30 : 0)

/**
 * Notes of what is in view, level with their places or near by, from the top down. A note that would stand on nodes all the same is left
 * out: it would hide more than it tells.
 * @param drawing what stands in it, the words beside its outlines, and what covers its lower right corner
 * @param seen the part of the drawing in view, in its own pixels
 */
export function placeNotes(notes: readonly MarginNote[], drawing: Drawn, seen: Rect, zoom: number): PlacedNote[] {
  const size = { width: seen.width * zoom, height: seen.height * zoom }
  const x = size.width - width - inset
  const covered = { left: size.width - inset - drawing.corner.width - gap, top: size.height - inset - drawing.corner.height - gap }
  const inView = notes.filter(({ at }) => overlaps(at, seen)).sort((a, b) => a.at.y - b.at.y)
  const placed: PlacedNote[] = []
  let free = top
  for (const note of inView) {
    if (placed.length === most) break
    const end = { x: (note.at.x + note.at.width - seen.x) * zoom + 3, y: (note.at.y + note.at.height / 2 - seen.y) * zoom }
    const height = heightOf(note)
    const under = end.y > covered.top
    const bend = under ? Math.min(x, covered.left) - gap : x - gap
    if (end.x > bend - 4) continue
    const lowest = covered.top - height
    const level = Math.max(free, end.y - 16)
    const hidden = (at: number) => solidIn(drawing, inScene({ x: x - gap, y: at, width: width + gap, height }, seen, zoom))
    const y = freeHeight({ from: level, least: free, most: lowest, height }, (at) => hidden(at).map((rect) => onScreen(rect, seen, zoom)))
    if (y === null) continue
    // Up or down to its note a line runs just before it.
    const fall = { x: bend, y: Math.min(end.y, y + 16), width: 1, height: Math.abs(y + 16 - end.y) }
    if (solidIn(drawing, inScene(fall, seen, zoom)).length > 0) continue
    placed.push({ note, x, y, width, end, leader: leaderBetween(end, { x, y: y + 16 }, bend) })
    free = y + height + gap
  }
  return placed
}

export interface Drawn {
  readonly index: SceneIndex
  readonly labels: readonly Rect[]
  /** Pixels that legend and map take. */
  readonly corner: { readonly width: number; readonly height: number }
}

/** How far a note may stand from the height of its place. */
const reach = 180

interface Heights {
  readonly from: number
  readonly least: number
  readonly most: number
  readonly height: number
}

/** The height nearest below `from`, else above it, at which a note hides nothing; `null`: there is none within reach. */
function freeHeight({ from, least, most, height }: Heights, hidden: (y: number) => readonly Rect[]): number | null {
  const allowed = (y: number) => y >= least && y <= most && Math.abs(y - from) <= reach
  for (let y = from; allowed(y); ) {
    const found = hidden(y)
    if (found.length === 0) return y
    y = Math.max(...found.map((rect) => rect.y + rect.height)) + gap
  }
  for (let y = Math.min(from, most); allowed(y); ) {
    const found = hidden(y)
    if (found.length === 0) return y
    y = Math.min(...found.map((rect) => rect.y)) - gap - height
  }
  return null
}

const inScene = ({ x, y, width, height }: Rect, seen: Rect, zoom: number): Rect => ({
  ...{ x: seen.x + x / zoom, y: seen.y + y / zoom },
  ...{ width: width / zoom, height: height / zoom },
})

const onScreen = ({ x, y, width, height }: Rect, seen: Rect, zoom: number): Rect => ({
  ...{ x: (x - seen.x) * zoom, y: (y - seen.y) * zoom },
  ...{ width: width * zoom, height: height * zoom },
})

/** Open groups are ground; everything else is something that a note would hide. */
const solidIn = ({ index, labels }: Drawn, place: Rect): readonly Rect[] => [
  ...index.boxes.within(place).filter(({ kind }) => kind !== 'open'),
  ...labels.filter((label) => overlaps(label, place)),
]

/** A hairline that goes up or down at most once, just before the note or what covers the corner. */
function leaderBetween(from: Point, to: Point, bend: number): string {
  if (Math.abs(from.y - to.y) < 1) return `M${from.x} ${from.y}H${to.x}`
  return `M${from.x} ${from.y}H${bend}V${to.y}H${to.x}`
}
