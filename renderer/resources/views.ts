import { useStore } from 'zustand'
import type { WouldChange } from '../../core/api/answers.ts'
import type { Diff } from '../../core/api/diff.ts'
import type { GraphView, NodeDetail } from '../../core/api/graph-view.ts'
import type { Inspection } from '../../core/api/inspection.ts'
import type { Target } from '../../core/api/pipeline.ts'
import type { VersionRequest } from '../../core/api/requests.ts'
import { engine } from '../actions/connection.ts'
import { forgetScenes } from '../model-view/layouter.ts'
import { viewStore } from '../model-view/view-store.ts'
import { asideStore } from '../stores/asides.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { Cache, type Resource, useResource } from './resource.ts'

const graphs = new Cache<GraphView>()
const details = new Cache<NodeDetail>()
const inspections = new Cache<Inspection>()
const changes = new Cache<WouldChange>()
const diffs = new Cache<Diff>()

/** A new model, or a new engine: everything that was fetched is void. */
export function forgetViews(): void {
  for (const cache of [graphs, details, inspections, changes, diffs]) cache.clear()
  forgetScenes()
  asideStore.setState({ files: new Map() })
}

/** How calls name a version: the source of the open model, or what a stage of the run made. `null` when there is none (yet). */
export function useVersion(stage: string): VersionRequest | null {
  const run = useStore(runStore, ({ run }) => run)
  const done = useStore(runStore, ({ stages }) => stages[stage]?.state === 'done')
  const opened = useStore(sessionStore, ({ opened }) => opened)
  const aside = useStore(asideStore, ({ files }) => files.get(stage))
  if (aside) return { model: aside.model }
  if (!opened) return null
  if (stage === sourceId) return { model: opened.model }
  return run !== null && done ? { model: opened.model, run, stage } : null
}

export const keyOf = (version: VersionRequest | null) => (version ? JSON.stringify(version) : null)

/** The main graph of a version, or one of its subgraphs. */
export function useGraphView(version: VersionRequest | null, graph?: string): Resource<GraphView> {
  const key = version ? `${keyOf(version)}${graph ?? ''}` : null
  return useResource(graphs, key, async () => (await engine()).models.graphView({ ...version!, graph }))
}

/** Findings and counts take their time on a large graph: they are asked for once the graph itself is on screen. */
const useDrawn = () => useStore(viewStore, ({ scene }) => scene !== null)

export function useInspection(version: VersionRequest | null): Resource<Inspection> {
  const drawn = useDrawn()
  return useResource(inspections, drawn ? keyOf(version) : null, async () => (await engine()).models.inspect(version!))
}

export function useNodeDetail(version: VersionRequest | null, node: string | null): Resource<NodeDetail> {
  const key = version && node !== null ? `${keyOf(version)}${node}` : null
  return useResource(details, key, async () => (await engine()).models.nodeDetail({ ...version!, node: node! }))
}

export function useWouldChange(version: VersionRequest | null, target: Target): Resource<WouldChange> {
  const drawn = useDrawn()
  const key = version && drawn ? `${keyOf(version)}${target}` : null
  return useResource(changes, key, async () => (await engine()).pipelines.wouldChange({ ...version!, target }))
}

export function useDiff(a: VersionRequest | null, b: VersionRequest | null): Resource<Diff> {
  const key = a && b ? `${keyOf(a)}${keyOf(b)}` : null
  return useResource(diffs, key, async () => (await engine()).models.diff({ a: a!, b: b! }))
}
