import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { Diff } from '../../core/api/diff.ts'
import type { GraphView } from '../../core/api/graph-view.ts'
import type { Resource } from '../resources/resource.ts'
import { keyOf, useDiff, useGraphView, useVersion } from '../resources/views.ts'
import { asideStore } from '../stores/asides.ts'
import { documentStore } from '../stores/document.ts'
import { leavesOf, sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { diffStore } from './diff-store.ts'

/** Versions that exist: the source, every stage that has run, and files that were opened beside. */
export function useVersions(): readonly string[] {
  const stages = useStore(runStore, ({ stages }) => stages)
  const files = useStore(asideStore, ({ files }) => files)
  return useMemo(() => [sourceId, ...Object.keys(stages).filter((id) => stages[id]!.state === 'done'), ...files.keys()], [stages, files])
}

/** The stage on the right: chosen by hand, else the candidate, else the last leaf that has run. */
export function useRight(): string | null {
  const chosen = useStore(diffStore, ({ right }) => right)
  const candidate = useStore(sessionStore, ({ candidate }) => candidate)
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const versions = useVersions()
  const wanted = [chosen, candidate, ...leavesOf(pipeline)]
  return wanted.find((id) => id !== null && versions.includes(id)) ?? versions.filter((id) => id !== sourceId).at(-1) ?? null
}

export interface SideViews {
  readonly diff: Diff
  readonly left: { readonly key: string; readonly view: GraphView }
  readonly right: { readonly key: string; readonly view: GraphView }
}

/** Both graphs and what changed between them, as one thing to wait for. */
export function useSides(left: string, right: string | null): Resource<SideViews> {
  const a = useVersion(left)
  const b = useVersion(right ?? '·')
  const views = [useGraphView(a), useGraphView(b)] as const
  const diff = useDiff(a, b)
  if (!a || !b) return { state: 'idle' }
  for (const one of [...views, diff]) if (one.state === 'failed') return one
  const [leftView, rightView] = views
  if (leftView.state !== 'ready' || rightView.state !== 'ready' || diff.state !== 'ready') return { state: 'loading' }
  return {
    state: 'ready',
    value: { diff: diff.value, left: { key: keyOf(a)!, view: leftView.value }, right: { key: keyOf(b)!, view: rightView.value } },
  }
}
