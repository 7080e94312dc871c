import { createStore } from 'zustand/vanilla'
import { sourceId } from '../stores/pipeline-edit.ts'
import type { ChangeEntry } from './from-changes.ts'

export interface DiffState {
  readonly left: string
  /** `null`: the chosen candidate, else the last stage that ran. */
  readonly right: string | null
  readonly entries: readonly ChangeEntry[]
  readonly chosen: string | null
  /** The kind of change that is listed and walked. */
  readonly kind: ChangeEntry['kind'] | 'all'
}

/** What is compared, and which change is looked at. */
export const diffStore = createStore<DiffState>(() => ({ left: sourceId, right: null, entries: [], chosen: null, kind: 'all' }))

export const chosenEntry = ({ entries, chosen }: Pick<DiffState, 'entries' | 'chosen'>): ChangeEntry | null =>
  entries.find(({ id }) => id === chosen) ?? null

export const listedEntries = ({ entries, kind }: Pick<DiffState, 'entries' | 'kind'>): readonly ChangeEntry[] =>
  kind === 'all' ? entries : entries.filter((entry) => entry.kind === kind)

/** The next or previous change of those that are listed, around the end. */
export function walkChanges(by: 1 | -1): void {
  const { chosen, ...rest } = diffStore.getState()
  const listed = listedEntries(rest)
  if (listed.length === 0) return
  const at = listed.findIndex(({ id }) => id === chosen)
  const next = at < 0 ? (by > 0 ? 0 : listed.length - 1) : (at + by + listed.length) % listed.length
  diffStore.setState({ chosen: listed[next]!.id })
}
