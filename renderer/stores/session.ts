import { createStore } from 'zustand/vanilla'
import type { DatasetInfo, Opened, Preset } from '../../core/api/answers.ts'
import type { Machine } from '../../core/api/measurement.ts'
import type { PassInfo } from '../../core/api/pipeline.ts'
import type { Problem } from '../../core/api/problem.ts'
import { sourceId } from './pipeline-edit.ts'

export const tabs = ['Model', 'Diff', 'Layers', 'Candidates', 'Log'] as const
export type Tab = (typeof tabs)[number]

export type Selection =
  | { readonly kind: 'node'; readonly id: string }
  | { readonly kind: 'group'; readonly id: string }
  /** Several nodes; `id` names none. */
  | { readonly kind: 'nodes'; readonly id: ''; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'stage'; readonly id: string }
  | null

/** A subgraph as a place: its id, and the node that holds it. */
export interface Subgraph {
  readonly graph: string
  readonly label: string
}

/** `gone`: not the engine alone but its host does not answer. */
export type Connection = 'connecting' | 'ready' | 'lost' | 'gone'
export const colourModes = ['op class', 'time', 'runtime precision', 'weight precision', 'sensitivity', 'change'] as const
export type ColourMode = (typeof colourModes)[number]
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export interface SessionState {
  readonly connection: Connection
  /** Set when the engine ended while a run went on: what to offer. */
  readonly interrupted: { readonly text: string; readonly act: 'Resume the run' | 'Run again' | null } | null
  readonly machine: Machine | null
  readonly passes: readonly PassInfo[]
  readonly presets: readonly Preset[]
  readonly opening: string | null
  readonly opened: Opened | null
  readonly data: DatasetInfo | null
  /** The version on screen: `source` or a stage of the last run. */
  readonly stage: string
  readonly candidate: string | null
  /** Subgraphs that one has gone into, from the outside in. */
  readonly inside: readonly Subgraph[]
  readonly tab: Tab
  readonly selection: Selection
  /** The layer chosen in the table. */
  readonly layer: string | null
  readonly colourBy: ColourMode
  readonly paletteFolded: boolean
  readonly pipelineFolded: boolean
  /** The two views of one document. */
  readonly pipelineAs: 'graph' | 'json'
  /** Whether the pipeline on screen is the one that was last worked on for this model. */
  readonly restored: boolean
  readonly theme: Theme
  /** A problem of an action, shown until it is closed. */
  readonly problem: Problem | null
  readonly exporting: boolean
}

const beginning: SessionState = {
  connection: 'connecting',
  interrupted: null,
  machine: null,
  passes: [],
  presets: [],
  opening: null,
  opened: null,
  data: null,
  stage: sourceId,
  candidate: null,
  inside: [],
  tab: 'Model',
  selection: null,
  layer: null,
  colourBy: 'op class',
  paletteFolded: false,
  pipelineFolded: false,
  pipelineAs: 'graph',
  restored: false,
  theme: 'system',
  problem: null,
  exporting: false,
}

/** What is on screen: the open model, the selection, the panels. */
export const sessionStore = createStore<SessionState>(() => beginning)

/** On the tabs that compare, the pipeline folds to one line and the palette to a rail. */
export function showTab(tab: Tab): void {
  const comparing = tab === 'Diff' || tab === 'Layers' || tab === 'Candidates'
  sessionStore.setState({ tab, paletteFolded: comparing, pipelineFolded: comparing })
}

export function goInto(subgraph: Subgraph): void {
  sessionStore.setState(({ inside }) => ({ inside: [...inside, subgraph], selection: null }))
}

/** Back to the `depth`-th place; 0 is the main graph. */
export const goOut = (depth: number): void => sessionStore.setState(({ inside }) => ({ inside: inside.slice(0, depth), selection: null }))

export const select = (selection: Selection): void => sessionStore.setState({ selection })

/** One node is selected as such, several together. */
export function selectNodes(ids: Iterable<string>): void {
  const all = new Set(ids)
  const [only] = all
  if (all.size > 1) select({ kind: 'nodes', id: '', ids: all })
  else select(only === undefined ? null : { kind: 'node', id: only })
}

/** Adds a node to what is selected, or takes it away. */
export function toggleSelected(id: string): void {
  const { selection } = sessionStore.getState()
  const before = selection?.kind === 'nodes' ? selection.ids : new Set(selection?.kind === 'node' ? [selection.id] : [])
  selectNodes(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])
}

/** Whether a node is selected, alone or with others. */
export const isSelected = (selection: Selection, id: string): boolean =>
  selection?.kind === 'node' ? selection.id === id : selection?.kind === 'nodes' && selection.ids.has(id)
