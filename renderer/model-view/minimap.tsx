import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { fitCanvas, paint, readPalette } from './painter.ts'
import type { Scene } from './scene.ts'
import type { SceneIndex } from './spatial.ts'
import { useSchemeChange } from './use-scheme-change.ts'
import { currentCamera, seenStore } from './view-store.ts'

const size = { width: 104, height: 150, inset: 7 }

/** Steps of the arrow keys, in halves of what is in view. */
const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
}

function moveByKey(event: KeyboardEvent): void {
  const { seen } = seenStore.getState()
  const step = steps[event.key]
  if (event.key === 'Enter' || event.key === ' ') currentCamera()?.fit()
  else if (step && seen && !event.shiftKey)
    currentCamera()?.centre(seen.x + (seen.width * (1 + step[0])) / 2, seen.y + (seen.height * (1 + step[1])) / 2)
  else return
  event.preventDefault()
}

/** The whole graph on a canvas: a click goes there, a drag takes the view along. */
export function Minimap({ index, scene }: { index: SceneIndex; scene: Scene }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useSchemeChange()
  const scale = Math.min(
    (size.width - 2 * size.inset) / Math.max(1, scene.width),
    (size.height - 2 * size.inset) / Math.max(1, scene.height),
  )
  const offset = { x: (size.width - scene.width * scale) / 2, y: (size.height - scene.height * scale) / 2 }
  const goTo = ({ currentTarget, clientX, clientY }: PointerEvent, smooth: boolean) => {
    const rect = currentTarget.getBoundingClientRect()
    currentCamera()?.centre((clientX - rect.left - offset.x) / scale, (clientY - rect.top - offset.y) / scale, smooth)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new scheme is a new picture
  useEffect(() => {
    const ratio = fitCanvas(canvas.current!, size.width, size.height)
    const context = canvas.current!.getContext('2d')!
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, canvas.current!.width, canvas.current!.height)
    const everything = { x: 0, y: 0, width: scene.width, height: scene.height }
    paint(context, index, everything, {
      scale: scale * ratio,
      offset: { x: offset.x * ratio, y: offset.y * ratio },
      palette: readPalette(),
      lines: false,
    })
  }, [index, scene, scale, offset.x, offset.y, scheme])
  return (
    <button
      type="button"
      className="mini"
      aria-label="Map of the graph: arrows move the view, Enter shows all"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        goTo(event, true)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) goTo(event, false)
      }}
      onKeyDown={moveByKey}
    >
      <canvas ref={canvas} style={{ width: size.width, height: size.height }} />
      <SeenPart scale={scale} offset={offset} />
    </button>
  )
}

/** The frame of what is in view. */
function SeenPart({ scale, offset }: { scale: number; offset: { readonly x: number; readonly y: number } }) {
  const seen = useStore(seenStore, ({ seen }) => seen)
  if (!seen) return null
  const left = Math.max(0, offset.x + seen.x * scale)
  const top = Math.max(0, offset.y + seen.y * scale)
  const right = Math.min(size.width, offset.x + (seen.x + seen.width) * scale)
  const bottom = Math.min(size.height, offset.y + (seen.y + seen.height) * scale)
  const [width, height] = [Math.max(4, right - left), Math.max(4, bottom - top)]
  return <span className="mini-seen" style={{ transform: `translate(${left}px, ${top}px)`, width, height }} />
}
