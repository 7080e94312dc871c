import { createStore } from 'zustand/vanilla'
import { sourceId } from '../stores/pipeline-edit.ts'
import type { ChangeEntry } from './from-changes.ts'

export interface DiffState {
  readonly left: string
  /** `null`: the chosen candidate, else the last stage that ran. */
  readonly right: string | null
  readonly entries: readonly ChangeEntry[]
  readonly chosen: string | null
}

/** What is compared, and which change is looked at. */
export const diffStore = createStore<DiffState>(() => ({ left: sourceId, right: null, entries: [], chosen: null }))

export const chosenEntry = ({ entries, chosen }: Pick<DiffState, 'entries' | 'chosen'>): ChangeEntry | null =>
  entries.find(({ id }) => id === chosen) ?? null

/** The next or previous change, around the end. */
export function walkChanges(by: 1 | -1): void {
  const { entries, chosen } = diffStore.getState()
  if (entries.length === 0) return
  const at = entries.findIndex(({ id }) => id === chosen)
  const next = at < 0 ? (by > 0 ? 0 : entries.length - 1) : (at + by + entries.length) % entries.length
  diffStore.setState({ chosen: entries[next]!.id })
}
