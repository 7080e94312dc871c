import { useElementSize } from '@mantine/hooks'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import type { GraphView } from '../../core/api/graph-view.ts'
import { startRun } from '../actions/run.ts'
import { useShownStage } from '../resources/shown-stage.ts'
import { keyOf, useGraphView, useInspection, useVersion } from '../resources/views.ts'
import { branchOnly, sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'
import { Empty, Loading } from '../ui/empty.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Breadcrumbs } from './breadcrumbs.tsx'
import { findingsIn, noFindings } from './findings.ts'
import { openAtFirst } from './first-view.ts'
import { GraphCanvas } from './graph-canvas.tsx'
import { type GraphIndex, indexOf, rootId } from './graph-index.ts'
import { GraphKeys } from './graph-keys.tsx'
import { Legend } from './legend.tsx'
import { MarginNotes } from './margin-notes.tsx'
import { Minimap } from './minimap.tsx'
import { openGroups, openOnly } from './open-groups.ts'
import { sceneIndex } from './spatial.ts'
import { useColours } from './use-colours.ts'
import { useScene } from './use-scene.ts'
import { viewStore } from './view-store.ts'
import './model-view.css'

/** The graph of the version on screen. */
export function ModelView() {
  const version = useVersion(useShownStage())
  const inside = useStore(sessionStore, ({ inside }) => inside.at(-1)?.graph)
  const view = useGraphView(version, inside)
  if (view.state === 'idle' || view.state === 'loading') return <Loading what="Reading the graph…" />
  if (view.state === 'failed')
    return (
      <div className="empty">
        <ProblemNote problem={view.problem} onRetry={view.retry} />
      </div>
    )
  const key = `${keyOf(version)}${inside ?? ''}`
  return <Graph key={key} graph={key} view={view.value} />
}

function Graph({ graph, view }: { graph: string; view: GraphView }) {
  const stage = useShownStage()
  const index = useMemo(() => indexOf(view), [view])
  useFirstView(index)
  const scene = useScene(graph, view)
  const inspection = useInspection(useVersion(stage))
  const findings = useMemo(
    () => (scene && inspection.state === 'ready' ? findingsIn(index, scene, inspection.value) : noFindings),
    [index, scene, inspection],
  )
  const spatial = useMemo(() => (scene ? sceneIndex(scene) : null), [scene])
  useColours(index)
  useEffect(() => viewStore.setState({ index, scene, findings }), [index, scene, findings])
  if (!scene || !spatial) return <Loading what={`Laying out ${view.nodes.length} nodes…`} />
  if (index.inside.get(rootId)!.length === 0)
    return (
      <div className="canvas">
        <Breadcrumbs />
        <Empty title="This graph has no nodes">
          <p>Its outputs are its inputs or constants.</p>
        </Empty>
      </div>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the graph is one stop of the Tab key; arrows walk in it
    <div className="canvas" role="application" aria-label="Model graph: arrows walk, Enter opens" tabIndex={0}>
      <GraphKeys />
      <GraphCanvas scene={scene} index={spatial} marks={findings.marks} graph={graph} />
      <MarginNotes index={spatial} />
      <NotYet shown={stage} />
      <Breadcrumbs />
      <Corner>
        <Legend />
        <Minimap index={spatial} scene={scene} />
      </Corner>
      <ValueUnderPointer view={view} />
    </div>
  )
}

/** Tells how much of the canvas it takes: the legend folds, and has more lines in one model than in another. */
function Corner({ children }: { children: ReactNode }) {
  const { ref, width, height } = useElementSize()
  useEffect(() => viewStore.setState({ corner: { width, height } }), [width, height])
  return (
    <div ref={ref} className="corner">
      {children}
    </div>
  )
}

/** Says when the graph on screen is not that of the chosen card. */
function NotYet({ shown }: { shown: string }) {
  const chosen = useStore(sessionStore, ({ stage }) => stage)
  const going = useStore(runStore, isGoing)
  if (chosen === shown) return null
  return (
    <p className="not-yet" role="status">
      <b>{chosen}</b> has not run yet: this is {shown === sourceId ? 'the opened model' : `the model after ${shown}`}.
      {!going && (
        <button type="button" className="btn link" onClick={() => void startRun((pipeline) => branchOnly(pipeline, chosen))}>
          Run up to here
        </button>
      )}
    </p>
  )
}

/** A model that was just opened shows its outline; versions of it keep what stands open. */
function useFirstView(index: GraphIndex): void {
  const model = useStore(sessionStore, ({ opened }) => opened?.model ?? null)
  useEffect(() => {
    if (openGroups.getState().model !== model) openOnly(openAtFirst(index), model)
  }, [model, index])
}

/** Name and type of the value that a line or label carries. */
function ValueUnderPointer({ view }: { view: GraphView }) {
  const wire = useStore(viewStore, ({ wire }) => wire)
  if (wire === null) return null
  return (
    <p className="value-note">
      <span className="mono">{wire}</span>
      <span className="mono t2">{view.values[wire]?.type ?? ''}</span>
    </p>
  )
}
