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
import { commandOf, type ExportSettings } from './export-command.ts'
import { download } from './save-pipeline.ts'

export interface ExportState {
  readonly shown: boolean
  /** Kept from one export to the next. */
  readonly settings: ExportSettings
  /** The report and the pipeline beside the file. */
  readonly report: boolean
  readonly state: 'idle' | 'writing' | 'done' | 'failed'
  readonly exported: Exported | null
  readonly problem: Problem | null
}

export const exportStore = createStore<ExportState>(() => ({
  shown: false,
  settings: { format: 'onnx' },
  report: true,
  state: 'idle',
  exported: null,
  problem: null,
}))

export const setExport = (settings: Partial<ExportSettings>): void =>
  exportStore.setState((state) => ({ settings: { ...state.settings, ...settings } }))

/** One click once a candidate was measured; before that it asks, for nothing was measured. */
export function openExport(): void {
  const { opened, candidate } = sessionStore.getState()
  if (!opened || exportStore.getState().state === 'writing') return
  exportStore.setState({ shown: true, state: 'idle', exported: null, problem: null })
  const { candidates, lost } = runStore.getState()
  if (!lost && candidates.some(({ id }) => id === candidate)) void writeExport()
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
  const { settings, report } = exportStore.getState()
  if (!opened) return
  const stage = exportedStage()
  exportStore.setState({ state: 'writing', exported: null, problem: null })
  try {
    const name = `${opened.name.replace(/\.onnx$/i, '')}${stage === null ? '' : `-${stage}`}.${settings.format}`
    // A folder for each export: another window may write one of the same name.
    const folder = crypto.randomUUID()
    const out = await destination(folder, name)
    if (out === null) return exportStore.setState({ state: 'idle' })
    const version = stage === null || run === null ? { model: opened.model } : { model: opened.model, run, stage }
    const exported = await (await engine()).models.export({ ...version, ...settings, report, out, verify: data?.path ?? null })
    exportStore.setState({ state: 'done', exported })
    if (!shell()) for (const file of exported.files) handOver(file)
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

/** The same from a terminal. */
export function exportCommand(): string {
  const { opened, data } = sessionStore.getState()
  const { settings, exported } = exportStore.getState()
  return commandOf({
    model: opened?.path ?? 'model.onnx',
    file: exported ? basename(exported.file) : `model.${settings.format}`,
    settings,
    data: data?.path ?? null,
    stage: exportedStage(),
    severalLeaves: runStore.getState().leaves.length > 1,
    pipeline: exported?.reports.map(basename).find((name) => name.endsWith('.pipeline.json')) ?? null,
  })
}

/** A file of the host, by the browser's download: its name, and the folder of its export. */
export function handOver(file: string): void {
  const [folder, name = ''] = file.split(/[/\\]/).slice(-2)
  download(`exports/${folder}/${encodeURIComponent(name)}`, name)
}
