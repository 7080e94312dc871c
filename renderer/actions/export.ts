import { createStore } from 'zustand/vanilla'
import type { Exported } from '../../core/api/answers.ts'
import { basename } from '../../core/api/file-name.ts'
import type { Problem } from '../../core/api/problem.ts'
import { problemIn, shell } from '../engine.ts'
import { documentStore } from '../stores/document.ts'
import { leavesOf } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { hostFacts } from './begin.ts'
import { engine } from './connection.ts'
import { download } from './save-pipeline.ts'

export type Format = 'onnx' | 'tflite'

export interface ExportState {
  readonly shown: boolean
  readonly format: Format
  readonly state: 'idle' | 'writing' | 'done' | 'failed'
  readonly exported: Exported | null
  readonly problem: Problem | null
}

export const exportStore = createStore<ExportState>(() => ({ shown: false, format: 'onnx', state: 'idle', exported: null, problem: null }))

/** One click once a candidate was measured; before that it asks, for nothing was measured. */
export function openExport(): void {
  const { opened, candidate } = sessionStore.getState()
  if (!opened || exportStore.getState().state === 'writing') return
  exportStore.setState({ shown: true, state: 'idle', exported: null, problem: null })
  const measured = runStore.getState().candidates.some(({ id }) => id === candidate)
  if (measured) void writeExport()
}

export const closeExport = (): void => exportStore.setState({ shown: false })

/** What would be exported: the chosen candidate, else the last finished leaf, else the model as it was opened. */
export function exportedStage(): string | null {
  const { candidate } = sessionStore.getState()
  const { stages } = runStore.getState()
  if (candidate !== null && stages[candidate]?.state === 'done') return candidate
  return leavesOf(documentStore.getState().pipeline).find((leaf) => stages[leaf]?.state === 'done') ?? null
}

/** Writes the file, has the engine run both, and hands it over. */
export async function writeExport(): Promise<void> {
  const { opened, data } = sessionStore.getState()
  const { run } = runStore.getState()
  const { format } = exportStore.getState()
  if (!opened) return
  const stage = exportedStage()
  exportStore.setState({ state: 'writing', exported: null, problem: null })
  try {
    const name = `${opened.name.replace(/\.onnx$/i, '')}${stage === null ? '' : `-${stage}`}.${format}`
    // A folder for each export: another window may write one of the same name.
    const folder = crypto.randomUUID()
    const out = await destination(folder, name)
    if (out === null) return exportStore.setState({ state: 'idle' })
    const version = stage === null || run === null ? { model: opened.model } : { model: opened.model, run, stage }
    const exported = await (await engine()).models.export({ ...version, format, out, verify: data?.path ?? null })
    exportStore.setState({ state: 'done', exported })
    if (!shell()) for (const file of exported.files) handOver(folder, file)
  } catch (error) {
    exportStore.setState({ state: 'failed', problem: problemIn(error) })
  }
}

async function destination(folder: string, name: string): Promise<string | null> {
  const desktop = shell()
  if (desktop) return desktop.saveFile(name)
  const { exports } = await hostFacts()
  return `${exports}/${folder}/${name}`
}

function handOver(folder: string, file: string): void {
  const name = basename(file)
  download(`exports/${folder}/${encodeURIComponent(name)}`, name)
}
