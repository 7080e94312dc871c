import { expect, it } from 'vitest'
import type { MarginNote } from '../../../renderer/model-view/notes-of.ts'
import { placeNotes } from '../../../renderer/model-view/place-notes.ts'
import type { Box, Rect } from '../../../renderer/model-view/scene.ts'
import { sceneIndex } from '../../../renderer/model-view/spatial.ts'

const stack = (id: string, place: Rect): Box => ({ ...place, id, depth: 0, kind: 'stack', rows: [], loops: [] })
const drawing = (...boxes: Box[]) => ({
  index: sceneIndex({ width: 1000, height: 1000, boxes, wires: [] }),
  labels: [] as Rect[],
  corner: { width: 280, height: 160 },
})
const note = (id: string, at: Rect): MarginNote => ({
  id,
  kind: 'near-miss',
  title: id,
  text: 'It reads another mask.',
  at,
  node: id,
  refs: [id],
})
const seen = { x: 0, y: 0, width: 1000, height: 700 }
const row = (y: number): Rect => ({ x: 100, y, width: 150, height: 17 })

it('stands level with its place, and lets no note stand on another', () => {
  const placed = placeNotes([note('b', row(210)), note('a', row(200))], drawing(stack('s', row(200))), seen, 1)
  expect(placed.map((one) => one.note.id)).toEqual(['a', 'b'])
  expect(placed[0]!.y).toBeCloseTo(192.5)
  expect(placed[1]!.y).toBeGreaterThan(placed[0]!.y + 40)
  expect(placed[0]!.end).toEqual({ x: 253, y: 208.5 })
})

it('keeps off the nodes of a wide drawing, and off what is not in view', () => {
  const wide = drawing(stack('s', { x: 100, y: 190, width: 860, height: 60 }))
  expect(placeNotes([note('a', row(200))], wide, seen, 1)).toEqual([])
  expect(placeNotes([note('a', row(2000))], drawing(), seen, 1)).toEqual([])
})

it('stands above its place where nodes leave no room beside it or below', () => {
  const below = drawing(stack('s', row(300)), stack('other', { x: 800, y: 280, width: 150, height: 400 }))
  const [placed] = placeNotes([note('a', row(300))], below, seen, 1)
  expect(placed!.y).toBeLessThan(280 - 40)
  expect(placed!.y).toBeGreaterThan(300 - 180)
})

it('leaves legend and map free, with its line too', () => {
  // The legend has grown up to the note: both stand on a canvas of 1000 x 700.
  const tall = { ...drawing(), corner: { width: 280, height: 300 } }
  const [placed] = placeNotes([note('a', row(450))], tall, seen, 1)
  expect(placed!.y + 48).toBeLessThanOrEqual(700 - 12 - 300)
  // The row stands lower than the top of the legend: its line goes up left of it.
  const bend = Number(/^M253 458\.5H(\d+)V/.exec(placed!.leader)![1])
  expect(bend).toBeLessThan(1000 - 12 - 280)
})

it('keeps off the words of outlines, with its line too', () => {
  const words = (y: number) => ({ ...drawing(), labels: [{ x: 700, y, width: 200, height: 34 }] })
  const [placed] = placeNotes([note('a', row(200))], words(170), seen, 1)
  expect(placed!.y).toBeGreaterThanOrEqual(204)
  // Below these words the line to the note would cross them.
  expect(placeNotes([note('a', row(200))], words(215), seen, 1)).toEqual([])
})

it('follows the view as it moves and zooms', () => {
  const [placed] = placeNotes([note('a', row(200))], drawing(), { x: 50, y: 100, width: 500, height: 350 }, 2)
  expect(placed!.end).toEqual({ x: 403, y: 217 })
})
