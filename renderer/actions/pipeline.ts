import type { Mend } from '../../core/api/answers.ts'
import type { Stage, Target } from '../../core/api/pipeline.ts'
import { rememberedPipeline, rememberPipeline } from '../stores/autosave.ts'
import { documentStore } from '../stores/document.ts'
import {
  branchFrom,
  freshId,
  insertAfter,
  insertOn,
  leavesOf,
  mended,
  moveStage,
  pasteAfter,
  removeStage,
  setOptions,
  shiftStage,
  sourceId,
  type Wire,
  type WiredPipeline,
} from '../stores/pipeline-edit.ts'
import { select, sessionStore } from '../stores/session.ts'

/** The preset that fits most models on this machine; it stays as the user's document once changed. */
const startingPreset = 'cpu-int8'

/** What was last worked on for this model, else what is at hand, else a preset to begin with. */
export function loadDefaultPipeline(): void {
  const { opened } = sessionStore.getState()
  const remembered = opened && rememberedPipeline(opened.path)
  if (remembered) documentStore.load(remembered)
  sessionStore.setState({ restored: Boolean(remembered) })
  if (documentStore.getState().pipeline.stages.length > 0) return
  const preset = sessionStore.getState().presets.find(({ id }) => id === startingPreset)
  if (preset) documentStore.load(preset.pipeline)
}

/** Away with what was worked on last time, in one step that can be undone. */
export function startAnew(): void {
  sessionStore.setState({ restored: false })
  takePreset(startingPreset)
}

export const takePreset = (id: string): void => {
  const preset = sessionStore.getState().presets.find((one) => one.id === id)
  if (preset) documentStore.replace(preset.pipeline)
}

export type Spot = { readonly after: string } | { readonly on: Wire } | { readonly branch: string }

/** Adds a pass: on the wire or behind the stage it was dropped at, else at the end of the (first) branch. */
export function addPass(pass: string, spot?: Spot): void {
  const { pipeline } = documentStore.getState()
  const stage = { id: freshId(pipeline, pass), pass, options: {} }
  const place = spot ?? { after: leavesOf(pipeline)[0] ?? sourceId }
  documentStore.edit((current) => {
    if ('on' in place) return insertOn(current, stage, place.on)
    return 'branch' in place ? branchFrom(current, stage, place.branch) : insertAfter(current, stage, place.after)
  })
  select({ kind: 'stage', id: stage.id })
}

export function move(id: string, spot: Spot): void {
  if (!('branch' in spot)) documentStore.edit((pipeline) => moveStage(pipeline, id, spot))
}

export function remove(id: string): void {
  documentStore.edit((pipeline) => removeStage(pipeline, id))
  if (sessionStore.getState().selection?.id === id) select(null)
}

/** One step that can be undone, like any other edit. */
export const mend = (way: Mend): void => documentStore.edit((pipeline) => mended(pipeline, way))

export const shift = (id: string, by: -1 | 1): void => documentStore.edit((pipeline) => shiftStage(pipeline, id, by))

/** Puts stages behind the selected card, else at the end of the (first) branch. */
export function paste(stages: readonly Stage[]): void {
  const { selection } = sessionStore.getState()
  const { pipeline } = documentStore.getState()
  // What is selected may be a card that undo has taken away.
  const chosen = selection?.kind === 'stage' && isIn(pipeline, selection.id) ? selection.id : null
  const behind = chosen ?? leavesOf(pipeline)[0] ?? sourceId
  const { pipeline: next, last } = pasteAfter(pipeline, stages, behind)
  documentStore.edit(() => next)
  select({ kind: 'stage', id: last })
}

export const configure = (id: string, options: Readonly<Record<string, unknown>>): void =>
  documentStore.edit((pipeline) => setOptions(pipeline, id, options))

export const setTarget = (target: Target): void =>
  documentStore.edit((pipeline) => (pipeline.target === target ? pipeline : { ...pipeline, target }))

const isIn = ({ stages }: WiredPipeline, id: string) => id === sourceId || stages.some((stage) => stage.id === id)

/** The version on screen is one of the pipeline: where its stage goes, the source comes. */
export function leaveGoneStages(): void {
  documentStore.subscribe(({ pipeline }) => {
    if (!isIn(pipeline, sessionStore.getState().stage)) sessionStore.setState({ stage: sourceId })
  })
}

/** Every step is kept, so that nothing is lost when the window goes. */
export function keepPipelines(): void {
  documentStore.subscribe(({ pipeline, past }) => {
    const { opened } = sessionStore.getState()
    if (opened && past.length > 0) rememberPipeline(opened.path, pipeline)
  })
}
