import { describe, expect, it } from 'vitest'
import { fittingView } from '../../../renderer/model-view/fitting-view.ts'
import type { Box, Scene } from '../../../renderer/model-view/scene.ts'

const stack = (x: number, y: number, width = 200): Box => ({
  id: `${x},${y}`,
  kind: 'stack',
  depth: 0,
  x,
  y,
  width,
  height: 60,
  rows: [],
  loops: [],
})
const scene = (...boxes: Box[]): Scene => ({
  width: Math.max(...boxes.map(({ x, width }) => x + width)),
  height: Math.max(...boxes.map(({ y, height }) => y + height)),
  boxes,
  wires: [],
})
const screen = { width: 1000, height: 700 }
/** Where a box comes to lie on the screen. */
const placed = (drawing: Scene, box: Box, { width, height } = screen) => {
  const { x, zoom } = fittingView(drawing, width, height)
  return { left: x + box.x * zoom, right: x + (box.x + box.width) * zoom }
}

describe('a drawing that was just opened', () => {
  it('is shown as a whole beside legend and map where that can be read', () => {
    const drawing = scene(stack(0, 0), stack(0, 300))
    expect(fittingView(drawing, screen.width, screen.height)).toEqual({ x: (1000 - 290 - 200) / 2, y: (700 - 360) / 2, zoom: 1 })
  })

  it('begins with its top in the middle, however far it reaches aside below', () => {
    const top = stack(1400, 0)
    const { left, right } = placed(scene(top, stack(0, 3000), stack(1800, 3000)), top)
    expect((left + right) / 2).toBeCloseTo((1000 - 290) / 2)
  })

  it('keeps clear of the map alone where the legend has no room', () => {
    const top = stack(0, 0, 700)
    const { right } = placed(scene(top, stack(0, 3000)), top)
    expect(right).toBeLessThanOrEqual(1000 - 128)
    expect(right).toBeGreaterThan(1000 - 290)
  })

  it('is drawn somewhat smaller where that keeps it clear of the map', () => {
    const drawing = scene(stack(0, 0, 950), stack(0, 300))
    const { right } = placed(drawing, drawing.boxes[0]!)
    expect(right).toBeLessThanOrEqual(1000 - 128)
    expect(fittingView(drawing, screen.width, screen.height).zoom).toBeGreaterThan(0.8)
  })

  it('stands in the middle beside another one, where there is no map', () => {
    const drawing = scene(stack(0, 0), stack(0, 300))
    expect(fittingView(drawing, 1000, 700, { bare: true, scale: 0.5 })).toEqual({ x: (1000 - 100) / 2, y: (700 - 180) / 2, zoom: 0.5 })
  })
})
