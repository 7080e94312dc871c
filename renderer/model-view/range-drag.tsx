import { useReactFlow } from '@xyflow/react'
import { type RefObject, useEffect, useState } from 'react'
import { selectNodes } from '../stores/session.ts'
import { between, nodesIn } from './nodes-in.ts'
import type { Rect } from './scene.ts'
import type { SceneIndex } from './spatial.ts'
import { currentCamera, viewStore } from './view-store.ts'

/** Less is a click with an unsteady hand. */
const leastPixels = 4

interface Drag {
  readonly from: { readonly x: number; readonly y: number }
  readonly to: { readonly x: number; readonly y: number }
  readonly zooms: boolean
}

/** A rectangle that is drawn over the graph: with Shift it selects what it touches, with Ctrl or Cmd it is what one then sees. */
export function RangeDrag({ graph, index }: { graph: RefObject<HTMLDivElement | null>; index: SceneIndex }) {
  const [drag, setDrag] = useState<Drag | null>(null)
  const flow = useReactFlow()
  useEffect(() => {
    const element = graph.current
    if (!element) return
    let current: Drag | null = null
    const show = (next: Drag | null) => {
      current = next
      setDrag(next)
    }
    const begin = (event: PointerEvent) => {
      const zooms = event.ctrlKey || event.metaKey
      if (event.button !== 0 || !(event.shiftKey || zooms)) return
      const from = { x: event.clientX, y: event.clientY }
      const move = (moved: PointerEvent) => show({ from, to: { x: moved.clientX, y: moved.clientY }, zooms })
      const end = () => {
        window.removeEventListener('pointermove', move)
        if (current && isLarge(current)) {
          take(worldOf(current, flow.screenToFlowPosition), zooms, index)
          // The click that ends a drag is no click on what lies under it.
          element.addEventListener('click', stop, { capture: true, once: true })
          setTimeout(() => element.removeEventListener('click', stop, true))
        }
        show(null)
      }
      // The canvas pans with the same button.
      event.stopPropagation()
      window.addEventListener('pointermove', move)
      window.addEventListener('pointerup', end, { once: true })
    }
    const withholdPan = (event: MouseEvent) => (event.shiftKey || event.ctrlKey || event.metaKey) && event.stopPropagation()
    element.addEventListener('pointerdown', begin, true)
    element.addEventListener('mousedown', withholdPan, true)
    return () => {
      element.removeEventListener('pointerdown', begin, true)
      element.removeEventListener('mousedown', withholdPan, true)
    }
  }, [graph, index, flow])
  if (!drag || !isLarge(drag) || !graph.current) return null
  const { left, top } = graph.current.getBoundingClientRect()
  const { x, y, width, height } = between(drag.from, drag.to)
  return <i className={drag.zooms ? 'range zooms' : 'range'} style={{ left: x - left, top: y - top, width, height }} />
}

const stop = (event: Event): void => event.stopPropagation()

const isLarge = ({ from, to }: Drag): boolean => Math.hypot(from.x - to.x, from.y - to.y) >= leastPixels

type ToWorld = (point: { readonly x: number; readonly y: number }) => { readonly x: number; readonly y: number }
const worldOf = ({ from, to }: Drag, toWorld: ToWorld): Rect => between(toWorld(from), toWorld(to))

function take(range: Rect, zooms: boolean, scene: SceneIndex): void {
  const { index } = viewStore.getState()
  if (zooms) currentCamera()?.zoomInto(range)
  else if (index) selectNodes(nodesIn(range, scene, index))
}
