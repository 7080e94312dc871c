import { useStoreApi } from '@xyflow/react'
import { useEffect, useRef } from 'react'
import { fitCanvas, paint, readPalette } from './painter.ts'
import type { Scene } from './scene.ts'
import type { SceneIndex } from './spatial.ts'
import { useSchemeChange } from './use-scheme-change.ts'

/** The graph from afar: one canvas under React Flow, repainted as the view moves. */
export function FarView({ index, scene, shown }: { index: SceneIndex; scene: Scene; shown: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const api = useStoreApi()
  const scheme = useSchemeChange()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new scene or scheme is a new picture
  useEffect(() => {
    if (!shown || !canvas.current) return
    const palette = readPalette()
    let asked = 0
    const draw = () => {
      asked = 0
      const { width, height, transform } = api.getState()
      const [x, y, zoom] = transform
      const ratio = fitCanvas(canvas.current!, width, height)
      const context = canvas.current!.getContext('2d')!
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.clearRect(0, 0, canvas.current!.width, canvas.current!.height)
      const visible = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }
      paint(context, index, visible, { scale: zoom * ratio, offset: { x: x * ratio, y: y * ratio }, palette, lines: zoom > 0.06 })
    }
    const ask = () => {
      asked ||= requestAnimationFrame(draw)
    }
    ask()
    const stop = api.subscribe(ask)
    return () => {
      stop()
      cancelAnimationFrame(asked)
    }
  }, [index, scene, shown, api, scheme])
  return <canvas ref={canvas} className="far" hidden={!shown} />
}
