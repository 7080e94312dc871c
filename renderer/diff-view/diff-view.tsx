import type { Viewport } from '@xyflow/react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { startRun } from '../actions/run.ts'
import { ColourContext, plainColours, sideColours } from '../model-view/colours.ts'
import { fittingView } from '../model-view/fitting-view.ts'
import { GraphCanvas } from '../model-view/graph-canvas.tsx'
import { indexOf, pathTo, shownAs } from '../model-view/graph-index.ts'
import { ViewLink } from '../model-view/link.ts'
import { openGroups, reveal } from '../model-view/open-groups.ts'
import { rectAround } from '../model-view/rects.ts'
import type { Scene } from '../model-view/scene.ts'
import { sceneIndex } from '../model-view/spatial.ts'
import { useScene } from '../model-view/use-scene.ts'
import { Empty, Loading } from '../ui/empty.tsx'
import { Icon } from '../ui/icon.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { chosenEntry, diffStore, walkChanges } from './diff-store.ts'
import { entriesOf, paintsOf, signsOf } from './from-changes.ts'
import { levelMap } from './levels.ts'
import { choose, fileChoice, PairHead } from './pair-head.tsx'
import { Tie } from './tie.tsx'
import { type SideViews, useRight, useSides } from './use-sides.ts'
import '../model-view/model-view.css'
import './diff.css'

/** Two versions side by side, from the lineage that passes recorded. */
export function DiffView() {
  const left = useStore(diffStore, (state) => state.left)
  const right = useRight()
  const sides = useSides(left, right)
  if (sides.state === 'idle')
    return (
      <Empty icon="link" title="There is only one version yet">
        <p>Run the pipeline: every stage makes a version, and any two can be compared here. Or compare the model with another file.</p>
        <p className="empty-row">
          <button type="button" className="btn go" onClick={() => void startRun()}>
            <Icon name="run" /> Run
          </button>
          <button type="button" className="btn" onClick={() => choose('right', fileChoice.id)}>
            A file from disk…
          </button>
        </p>
      </Empty>
    )
  if (sides.state === 'failed')
    return (
      <div className="empty">
        <ProblemNote problem={sides.problem} onRetry={sides.retry} />
      </div>
    )
  if (sides.state === 'loading') return <Loading what="Comparing the graphs…" />
  return <Pair key={sides.value.left.key + sides.value.right.key} sides={sides.value} />
}

function Pair({ sides: { diff, left, right } }: { sides: SideViews }) {
  const [link] = useState(() => new ViewLink())
  const indices = useMemo(() => ({ left: indexOf(left.view), right: indexOf(right.view) }), [left.view, right.view])
  const entries = useMemo(() => entriesOf(diff, indices), [diff, indices])
  const scenes = { left: useScene(left.key, left.view), right: useScene(right.key, right.view) }
  const spatial = {
    left: useMemo(() => (scenes.left ? sceneIndex(scenes.left) : null), [scenes.left]),
    right: useMemo(() => (scenes.right ? sceneIndex(scenes.right) : null), [scenes.right]),
  }
  useEntries(entries, indices)
  useLevels(link, diff, indices, scenes)
  useFirstView(link, scenes)
  useShownChange(link, indices, scenes)
  return (
    <>
      <PairHead link={link} left={indices.left} right={indices.right} />
      <div className="pair-canvas">
        {(['left', 'right'] as const).map((side) => (
          <div key={side} className="canvas" role="application" aria-label={`${side} graph`}>
            {scenes[side] && spatial[side] ? (
              <ColourContext value={sideColours[side]}>
                <GraphCanvas
                  scene={scenes[side]}
                  index={spatial[side]}
                  marks={none}
                  graph={side === 'left' ? left.key : right.key}
                  linked={{ link, side }}
                />
              </ColourContext>
            ) : (
              <Loading what="Laying out…" />
            )}
          </div>
        ))}
        <Tie link={link} />
      </div>
    </>
  )
}

const none: never[] = []
type Indices = Parameters<typeof entriesOf>[1]
type Scenes = Readonly<Record<'left' | 'right', ReturnType<typeof useScene>>>

/** The list of changes, and the colours of both graphs. */
function useEntries(entries: ReturnType<typeof entriesOf>, indices: Indices): void {
  const chosen = useStore(diffStore, chosenEntry)
  useEffect(() => {
    diffStore.setState({ entries, chosen: null })
    for (const side of ['left', 'right'] as const) {
      const signs = signsOf(entries, side)
      sideColours[side].setState({ index: indices[side], signs, paint: paintsOf(signs, indices[side]) })
    }
    return () => {
      for (const colours of Object.values(sideColours)) colours.setState(plainColours)
    }
  }, [entries, indices])
  useEffect(() => {
    for (const side of ['left', 'right'] as const)
      sideColours[side].setState({ lit: new Set((chosen?.[side] ?? []).map((id) => shownAs(indices[side], id))) })
    if (chosen) reveal((['left', 'right'] as const).flatMap((side) => chosen[side].flatMap((id) => pathTo(indices[side], id))))
  }, [chosen, indices])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, [role=dialog]')) return
      if (event.key === 'n') walkChanges(1)
      if (event.key === 'p') walkChanges(-1)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** Which heights correspond, from every pair that is in both drawings. */
function useLevels(link: ViewLink, diff: SideViews['diff'], indices: Indices, scenes: Scenes): void {
  useEffect(() => {
    if (!scenes.left || !scenes.right) return
    const heights = { left: heightsOf(scenes.left, indices.left), right: heightsOf(scenes.right, indices.right) }
    const pairs = diff.pairs.flatMap(({ a, b }): [number, number][] => {
      const [from, to] = [heights.left.get(a[0] ?? ''), heights.right.get(b[0] ?? '')]
      return from !== undefined && to !== undefined ? [[from, to]] : []
    })
    link.levels = { left: levelMap(pairs), right: levelMap(pairs.map(([from, to]) => [to, from])) }
  }, [link, diff, indices, scenes.left, scenes.right])
}

/** Height of every node by reference; of those in closed groups the group's. */
function heightsOf(scene: NonNullable<Scenes['left']>, index: Indices['left']): Map<string, number> {
  const heights = new Map<string, number>()
  for (const box of scene.boxes) {
    if (box.kind === 'stack') for (const [row, { node }] of box.rows.entries()) heights.set(index.nodes.get(node)!.ref, box.y + row * 17)
    if (box.kind === 'group')
      for (const [member, id] of box.members.entries())
        for (const { ref } of index.inside.get(id) ?? []) heights.set(ref, box.y + (member / box.members.length) * box.height)
  }
  return heights
}

/** At first both drawings stand at one scale, corresponding parts level, as they do when one is moved. */
function useFirstView(link: ViewLink, scenes: Scenes): void {
  const begun = useRef(false)
  useEffect(() => {
    const { left, right } = scenes
    if (begun.current || !left || !right) return
    const begin = () => {
      begun.current = true
      const zoom = Math.min(fitIn('left', left).zoom, fitIn('right', right).zoom)
      link.lead('left', fitIn('left', left, zoom))
    }
    // The canvases fit themselves when they have their sizes; this comes after it.
    const frame = requestAnimationFrame(() => requestAnimationFrame(begin))
    return () => cancelAnimationFrame(frame)
  }, [link, scenes])
}

function fitIn(side: 'left' | 'right', scene: Scene, zoom?: number): Viewport {
  const { width, height } = paneSize(side)
  return fittingView(scene, width, height, { bare: true, ...(zoom === undefined ? {} : { scale: zoom }) })
}

/** Brings the chosen change into view on both sides, level with each other; a side on which nothing is left of it goes along. */
function useShownChange(link: ViewLink, indices: Indices, scenes: Scenes): void {
  const chosen = useStore(diffStore, chosenEntry)
  const open = useStore(openGroups, ({ open }) => open)
  // biome-ignore lint/correctness/useExhaustiveDependencies: opening groups moves what is shown
  useEffect(() => {
    if (!chosen) return
    const sides = (['left', 'right'] as const).flatMap((side) => {
      const member = link.member(side)
      const rows = chosen[side].map((id) => shownAs(indices[side], id))
      const rect = member ? rectAround(member.scene, rows) : null
      return member && rect ? [{ side, member, rect }] : []
    })
    const zoom = Math.max(0.8, Math.min(...sides.map(({ member }) => member.viewport().zoom)))
    for (const { side, rect } of sides) {
      const { width, height } = paneSize(side)
      const viewport = { x: width / 2 - (rect.x + rect.width / 2) * zoom, y: height / 2 - (rect.y + rect.height / 2) * zoom, zoom }
      if (sides.length === 1) link.lead(side, viewport)
      else link.member(side)?.moveTo(viewport)
    }
    link.moved('left', link.member('left')?.viewport() ?? { x: 0, y: 0, zoom: 1 }, false)
  }, [chosen, open, link, indices, scenes.left, scenes.right])
}

function paneSize(side: 'left' | 'right'): { readonly width: number; readonly height: number } {
  const panes = document.querySelectorAll('.pair-canvas > .canvas')
  return panes[side === 'left' ? 0 : 1]?.getBoundingClientRect() ?? { width: 600, height: 600 }
}
