import type { Box, Rect, Scene, Wire } from './scene.ts'

const cell = 512

export const overlaps = (a: Rect, b: Rect) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

export const holds = (outer: Rect, inner: Rect) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

/** Finds what lies in a rectangle without looking at everything: a grid of cells. */
export class SpatialIndex<T extends Rect> {
  readonly #cells = new Map<string, T[]>()
  readonly #order = new Map<T, number>()

  constructor(all: readonly T[]) {
    for (const [position, one] of all.entries()) {
      this.#order.set(one, position)
      for (const key of keysOf(one)) {
        const known = this.#cells.get(key)
        if (known) known.push(one)
        else this.#cells.set(key, [one])
      }
    }
  }

  /** In the order in which they were given. */
  within(rect: Rect): T[] {
    const found = new Set<T>()
    for (const key of keysOf(rect)) for (const one of this.#cells.get(key) ?? []) if (overlaps(one, rect)) found.add(one)
    return [...found].sort((a, b) => this.#order.get(a)! - this.#order.get(b)!)
  }
}

function* keysOf({ x, y, width, height }: Rect): Iterable<string> {
  for (let column = Math.floor(x / cell); column <= Math.floor((x + width) / cell); column++)
    for (let row = Math.floor(y / cell); row <= Math.floor((y + height) / cell); row++) yield `${column}:${row}`
}

/** What React Flow may hold at most; beyond it panning falls below 60 frames a second. */
export const mostNodes = 300
export const mostEdges = 400

export interface SceneIndex {
  readonly boxes: SpatialIndex<Box>
  readonly wires: SpatialIndex<Wire>
}

export const sceneIndex = (scene: Scene): SceneIndex => ({ boxes: new SpatialIndex(scene.boxes), wires: new SpatialIndex(scene.wires) })

/** The part of a drawing in a rectangle, nearest to its middle first where there is too much of it. */
export function windowOf(index: SceneIndex, rect: Rect): { readonly boxes: readonly Box[]; readonly wires: readonly Wire[] } {
  return { boxes: nearest(index.boxes.within(rect), rect, mostNodes - 1), wires: nearest(index.wires.within(rect), rect, mostEdges) }
}

function nearest<T extends Rect>(all: readonly T[], rect: Rect, most: number): readonly T[] {
  if (all.length <= most) return all
  const [middleX, middleY] = [rect.x + rect.width / 2, rect.y + rect.height / 2]
  const distance = ({ x, y, width, height }: Rect) =>
    Math.hypot(Math.max(x - middleX, 0, middleX - x - width), Math.max(y - middleY, 0, middleY - y - height))
  const kept = new Set([...all].sort((a, b) => distance(a) - distance(b)).slice(0, most))
  return all.filter((one) => kept.has(one))
}
