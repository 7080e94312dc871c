import type { Point } from './layered/types.ts'
import { opClasses } from './op-class.ts'
import { pileName } from './pile-name.ts'
import { measures, type Rect } from './scene.ts'
import type { SceneIndex } from './spatial.ts'

/** Resolved colours of the theme: a canvas does not know custom properties. */
export type Palette = Readonly<Record<string, string>>

const names = [
  'canvas',
  'raised',
  'line',
  'line-2',
  'edge',
  'surface',
  'accent',
  'text',
  ...opClasses.flatMap((name) => [`op-${name}`, `op-${name}-tint`]),
]

export function readPalette(): Palette {
  const probe = document.createElement('i')
  document.body.append(probe)
  const colours: Record<string, string> = {}
  for (const name of names) {
    probe.style.color = `var(--${name})`
    colours[name] = getComputedStyle(probe).color
  }
  probe.remove()
  return colours
}

export interface Look {
  readonly scale: number
  readonly offset: Point
  readonly palette: Palette
  /** Lines disappear before they become a grey cloud. */
  readonly lines: boolean
}

/** Draws the part of a scene that lies in `visible` (world pixels). */
export function paint(context: CanvasRenderingContext2D, index: SceneIndex, visible: Rect, look: Look): void {
  const { scale, offset, palette } = look
  context.setTransform(scale, 0, 0, scale, offset.x, offset.y)
  const boxes = index.boxes.within(visible)
  for (const box of boxes) if (box.kind === 'open') frame(context, box, palette, scale)
  if (look.lines) wires(context, index, visible, look)
  for (const box of boxes) {
    if (box.kind === 'stack') {
      for (const [row, { opClass }] of box.rows.entries()) {
        context.fillStyle = palette[`op-${opClass}`]!
        context.fillRect(box.x, box.y + row * measures.row, box.width, measures.row - 1.5)
      }
    } else if (box.kind === 'group') {
      context.fillStyle = palette[`op-${box.opClass}`]!
      context.fillRect(box.x, box.y, box.width, box.height)
      name(context, box, pileName(box.group.name, box.members.length), look)
    } else if (box.kind === 'border') {
      context.fillStyle = palette['op-data']!
      context.fillRect(box.x, box.y, box.width, box.height)
    }
  }
}

function frame(context: CanvasRenderingContext2D, { x, y, width, height }: Rect, palette: Palette, scale: number): void {
  context.fillStyle = palette.surface!
  context.fillRect(x, y, width, height)
  context.strokeStyle = palette['line-2']!
  context.lineWidth = 1 / scale
  context.strokeRect(x, y, width, height)
}

function name(context: CanvasRenderingContext2D, { x, y, width, height }: Rect, text: string, { scale, palette, lines }: Look): void {
  const size = 11 / scale
  // The map is too small for names.
  if (!lines || size > height * 1.4) return
  context.fillStyle = palette.canvas!
  context.font = `600 ${size}px sans-serif`
  context.textBaseline = 'middle'
  context.fillText(text, x + 6, y + height / 2, width - 12)
}

function wires(context: CanvasRenderingContext2D, index: SceneIndex, visible: Rect, { palette, scale }: Look): void {
  context.strokeStyle = palette.edge!
  context.lineWidth = Math.min(2, 0.7 / scale)
  context.beginPath()
  for (const { lines } of index.wires.within(visible)) {
    for (const { points } of lines) {
      for (const [i, { x, y }] of points.entries()) {
        if (i === 0) context.moveTo(x, y)
        else context.lineTo(x, y)
      }
    }
  }
  context.stroke()
}

/** Fits a canvas to its place in device pixels; gives the factor. */
export function fitCanvas(canvas: HTMLCanvasElement, width: number, height: number): number {
  const ratio = window.devicePixelRatio
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  return ratio
}
