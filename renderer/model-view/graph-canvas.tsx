import { ReactFlow, ReactFlowProvider, useReactFlow, useStoreApi, type Viewport } from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { select } from '../stores/session.ts'
import { BorderBox, Ground, GroupBox, LabelBox, MarkBox, OpenBox, StackBox } from './boxes.tsx'
import { FarView } from './far-view.tsx'
import type { Mark } from './findings.ts'
import { fittingView, margin } from './fitting-view.ts'
import type { Side, ViewLink } from './link.ts'
import { openGroups } from './open-groups.ts'
import { RangeDrag } from './range-drag.tsx'
import { rectOf } from './rects.ts'
import { measures, type Rect, type Scene } from './scene.ts'
import { holds, overlaps, type SceneIndex, windowOf } from './spatial.ts'
import { edgesOf, nodesOf } from './to-flow.ts'
import { seenStore, setCamera, viewStore } from './view-store.ts'
import { WireLine } from './wire-edge.tsx'

const nodeTypes = { stack: StackBox, closed: GroupBox, open: OpenBox, label: LabelBox, border: BorderBox, mark: MarkBox, ground: Ground }
const edgeTypes = { wire: WireLine }

/** Below this zoom text cannot be read: a canvas draws the graph instead of elements. */
export const farZoom = 0.4
const mostMarks = 40

export interface GraphCanvasProps {
  readonly scene: Scene
  readonly index: SceneIndex
  readonly marks: readonly Mark[]
  /** Changes when another graph is shown: the view then fits anew. */
  readonly graph: string
  /** Stands beside another drawing and moves with it. */
  readonly linked?: { readonly link: ViewLink; readonly side: Side }
}

export function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({ scene, index, marks, graph, linked }: GraphCanvasProps) {
  const flow = useReactFlow()
  const api = useStoreApi()
  const [view, setView] = useState<{ readonly window: Rect; readonly far: boolean } | null>(null)

  const refresh = useCallback(
    ({ x, y, zoom }: Viewport, force: boolean) => {
      const { width, height } = api.getState()
      if (width === 0) return
      const seen = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }
      if (!linked) seenStore.setState({ zoom, seen })
      setView((old) =>
        !force && old && old.far === zoom < farZoom && (old.far || holds(old.window, seen))
          ? old
          : { window: roomAround(seen), far: zoom < farZoom },
      )
    },
    [api, linked],
  )
  useCameraOf(linked ? null : scene, flow, refresh, api)
  useLink(linked, scene, flow, refresh)
  useFitting({ graph, scene, linked: linked !== undefined }, flow, refresh)
  useSteadyGroup(scene, flow, refresh)
  useSizeChange(flow, refresh)

  const ground = useRef<HTMLDivElement>(null)
  const zoomBefore = useRef(1)
  const far = view?.far ?? false
  const shown = useMemo(() => {
    if (!view || far) return { nodes: [], edges: [] }
    const { boxes, wires } = windowOf(index, view.window)
    return { nodes: nodesOf(boxes, marks.filter((mark) => overlaps(mark, view.window)).slice(0, mostMarks)), edges: edgesOf(wires) }
  }, [index, view, far, marks])

  return (
    <div ref={ground} className="graph" data-nodes={shown.nodes.length} data-edges={shown.edges.length}>
      <FarView index={index} scene={scene} shown={far} />
      {!linked && <RangeDrag graph={ground} index={index} />}
      <ReactFlow
        nodes={shown.nodes}
        edges={shown.edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        disableKeyboardA11y
        panOnScroll
        zoomOnDoubleClick={false}
        zoomActivationKeyCode={['Meta', 'Control']}
        minZoom={0.02}
        maxZoom={2.5}
        proOptions={{ hideAttribution: true }}
        onMoveStart={(_event, { zoom }) => {
          ground.current?.classList.add('moving', 'panning')
          zoomBefore.current = zoom
        }}
        onMove={(event, viewport) => {
          if (viewport.zoom !== zoomBefore.current) ground.current?.classList.remove('panning')
          refresh(viewport, false)
          linked?.link.moved(linked.side, viewport, event !== null)
        }}
        onMoveEnd={(_event, viewport) => {
          ground.current?.classList.remove('moving', 'panning')
          refresh(viewport, false)
        }}
        onPaneClick={(event) => (far ? selectFar(index, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })) : select(null))}
      />
    </div>
  )
}

/** Half a screen on each side, so that panning meets finished elements. */
const roomAround = ({ x, y, width, height }: Rect): Rect => ({ x: x - width / 2, y: y - height / 2, width: width * 2, height: height * 2 })

type Flow = ReturnType<typeof useReactFlow>
type Refresh = (viewport: Viewport, force: boolean) => void
type FlowStore = ReturnType<typeof useStoreApi>

/** Room that the open legend takes above the map, in screen pixels. */
const legend = { width: 290, height: 220 }

function runsUnderLegend({ boxes }: Scene, { x, y, zoom }: Viewport, { width, height }: { width: number; height: number }): boolean {
  const place = {
    x: (width - legend.width - x) / zoom,
    y: (height - legend.height - y) / zoom,
    width: legend.width / zoom,
    height: legend.height / zoom,
  }
  return boxes.some((box) => box.kind !== 'label' && overlaps(box, place))
}

/** Fits what is shown for the first time, and again in a window of another size as long as nobody has moved it. */
function useFitting({ graph, scene, linked }: { graph: string; scene: Scene; linked: boolean }, flow: Flow, refresh: Refresh): void {
  const api = useStoreApi()
  const fitted = useRef<{ readonly graph: string; readonly room: string; readonly viewport: Viewport } | null>(null)
  useEffect(() => {
    const begin = () => {
      const { width, height } = api.getState()
      const [before, room] = [fitted.current, `${width} ${height}`]
      if (width === 0 || (before?.graph === graph && (linked || before.room === room || !isAt(before.viewport, flow)))) return
      const viewport = fittingView(scene, width, height, { bare: linked })
      fitted.current = { graph, room, viewport }
      viewStore.setState({ legendFolded: runsUnderLegend(scene, viewport, { width, height }) })
      void flow.setViewport(viewport)
      refresh(viewport, true)
    }
    begin()
    return api.subscribe(begin)
  }, [graph, scene, linked, flow, refresh, api])
}

function isAt({ x, y, zoom }: Viewport, flow: Flow): boolean {
  const now = flow.getViewport()
  return Math.abs(now.x - x) < 1 && Math.abs(now.y - y) < 1 && Math.abs(now.zoom - zoom) < 1e-3
}

/** The pipeline unfolds, the window grows: another part of the drawing is in view, and notes stand elsewhere. */
function useSizeChange(flow: Flow, refresh: Refresh): void {
  const api = useStoreApi()
  useEffect(
    () =>
      api.subscribe((now, before) => {
        if (now.width !== before.width || now.height !== before.height) refresh(flow.getViewport(), false)
      }),
    [api, flow, refresh],
  )
}

/** Tells the link where this drawing is, and lets it be moved. */
function useLink(linked: GraphCanvasProps['linked'], scene: Scene, flow: Flow, refresh: Refresh): void {
  useEffect(
    () =>
      linked?.link.join(linked.side, {
        scene,
        moveTo: (viewport) => {
          void flow.setViewport(viewport)
          refresh(viewport, false)
        },
        viewport: () => flow.getViewport(),
      }),
    [linked, scene, flow, refresh],
  )
}

/** In a new drawing of the same graph the group that was opened or closed stays where it was under the pointer. */
function useSteadyGroup(scene: Scene, flow: Flow, refresh: Refresh): void {
  const before = useRef<Scene | null>(null)
  useEffect(() => {
    const { toggled } = openGroups.getState()
    const old = toggled && before.current ? rectOf(before.current, toggled) : null
    const now = toggled ? rectOf(scene, toggled) : null
    before.current = scene
    const { x, y, zoom } = flow.getViewport()
    const viewport =
      old && now ? { x: x + (old.x + old.width / 2 - now.x - now.width / 2) * zoom, y: y + (old.y - now.y) * zoom, zoom } : { x, y, zoom }
    if (old && now) void flow.setViewport(viewport)
    refresh(viewport, true)
  }, [scene, flow, refresh])
}

function useCameraOf(scene: Scene | null, flow: Flow, refresh: Refresh, api: FlowStore): void {
  useEffect(() => {
    if (!scene) return
    const go = (viewport: Viewport, smooth: boolean) => {
      void flow.setViewport(viewport, { duration: !smooth || matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 160 })
      refresh(viewport, smooth)
    }
    const centre = (rect: Rect, zoom: number, smooth = true) => {
      const { width, height } = api.getState()
      go({ x: width / 2 - (rect.x + rect.width / 2) * zoom, y: height / 2 - (rect.y + rect.height / 2) * zoom, zoom }, smooth)
    }
    setCamera({
      fit: () => {
        const { width, height } = api.getState()
        const zoom = Math.min(1, (width - 2 * margin) / Math.max(1, scene.width), (height - 2 * margin) / Math.max(1, scene.height))
        centre({ x: 0, y: 0, width: scene.width, height: scene.height }, zoom)
      },
      show: (id) => {
        const rect = rectOf(scene, id)
        if (rect) centre(rect, Math.max(0.9, flow.getZoom()))
      },
      zoomInto: (rect) => {
        const { width, height } = api.getState()
        centre(rect, Math.min(2.5, Math.max(0.02, Math.min(width / Math.max(1, rect.width), height / Math.max(1, rect.height)))))
      },
      centre: (x, y, smooth) => centre({ x, y, width: 0, height: 0 }, flow.getZoom(), smooth),
      zoomTo: (zoom) => {
        const { x, y, zoom: old } = flow.getViewport()
        const { width, height } = api.getState()
        centre({ x: (width / 2 - x) / old, y: (height / 2 - y) / old, width: 0, height: 0 }, zoom)
      },
    })
    return () => setCamera(null)
  }, [scene, flow, refresh, api])
}

function selectFar(index: SceneIndex, { x, y }: { readonly x: number; readonly y: number }): void {
  const box = index.boxes.within({ x, y, width: 1, height: 1 }).at(-1)
  if (!box) select(null)
  else if (box.kind === 'stack')
    select({ kind: 'node', id: box.rows[Math.min(box.rows.length - 1, Math.floor((y - box.y) / measures.row))]!.node })
  else if (box.kind === 'group' || box.kind === 'open') select({ kind: 'group', id: box.group.id })
}
