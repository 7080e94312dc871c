import { useStore } from 'zustand'
import { documentStore } from '../stores/document.ts'
import { pathOf, sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'

/** The stage whose version is on screen: the chosen one, and until that has run the nearest before it that has; at last the source. */
export function useShownStage(): string {
  const chosen = useStore(sessionStore, ({ stage }) => stage)
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const stages = useStore(runStore, ({ stages }) => stages)
  const lost = useStore(runStore, ({ lost }) => lost)
  if (lost) return sourceId
  return pathOf(pipeline, chosen).findLast((id) => stages[id]?.state === 'done') ?? sourceId
}
