import type { RunSummary } from '../../core/api/contract.ts'
import { type Engine, problemIn } from '../engine.ts'
import { forgetViews } from '../resources/views.ts'
import { documentStore } from '../stores/document.ts'
import { runStore } from '../stores/run.ts'
import { isGoing, noRun } from '../stores/run-state.ts'
import { sessionStore, showTab } from '../stores/session.ts'
import { readWindow, rememberWindow, type WindowMemory } from '../stores/window-memory.ts'
import { chooseData, show, tell } from './open.ts'
import { follow } from './run.ts'

/**
 * The window as it was before it was loaded again: model, pipeline, and the run, which the engine went on with.
 * @returns whether there was anything to come back to
 */
export async function restoreWindow(line: Engine): Promise<boolean> {
  const memory = readWindow()
  if (memory === null) return false
  try {
    const opened = await reopened(line, memory)
    const run = (await line.runs.list()).find((one) => one.run === memory.run)
    show(opened)
    documentStore.load(memory.pipeline)
    if (memory.data !== null) await chooseData(memory.data, line).catch(tell)
    showTab(memory.tab)
    if (run) {
      sessionStore.setState({ candidate: memory.candidate, stage: memory.stage })
      hear(run)
    }
    return true
  } catch (error) {
    // A line that broke is tried again, with the memory as it was.
    if (problemIn(error).code === 'engine-gone') {
      rememberWindow(memory)
      throw error
    }
    rememberWindow(null)
    tell(error)
    return false
  }
}

/** A run of another window, or of this one before it was closed: its model, its pipeline, and all it has said. */
export async function showRun(line: Engine, run: RunSummary): Promise<void> {
  try {
    show(await reopened(line, run))
    if (run.document !== null) documentStore.load(run.document)
    if (run.data !== null) await chooseData(run.data, line).catch(tell)
    hear(run)
  } catch (error) {
    tell(error)
  }
}

/** By the handle where the engine knows it, so that the versions of a run and its source belong together; else from the file. */
async function reopened(line: Engine, { model, path }: Pick<WindowMemory, 'model' | 'path'>) {
  try {
    return await line.models.reopen({ model })
  } catch (error) {
    if (problemIn(error).code !== 'not-open') throw error
    return await line.models.open({ path })
  }
}

function hear({ run, stages, leaves, ms }: RunSummary): void {
  runStore.setState({ ...noRun, status: 'starting', run, order: stages, leaves, startedAt: performance.now() - ms }, true)
  void follow(run)
}

/**
 * After a broken line: the same engine goes on with its runs, a fresh one knows nothing. The model is opened again, and a run that was
 * going on is either heard further or offered to be resumed: what had finished is remembered in the store.
 */
export async function comeBack(line: Engine): Promise<void> {
  const { opened } = sessionStore.getState()
  const { run } = runStore.getState()
  const wasGoing = isGoing(runStore.getState())
  const runs = await line.runs.list()
  const sameEngine = run === null ? opened === null || (await isOpen(line, opened.model)) : runs.some((one) => one.run === run)
  if (sameEngine) {
    sessionStore.setState({ interrupted: null })
    if (wasGoing && run !== null) void follow(run)
    return
  }
  forgetViews()
  try {
    if (opened) sessionStore.setState({ opened: await line.models.open({ path: opened.path }) })
  } catch (error) {
    tell(error)
  }
  if (wasGoing) {
    runStore.setState({ status: 'interrupted', progress: null, endedAt: performance.now() })
    sessionStore.setState({
      interrupted: { text: 'The engine stopped during a run and was restarted. Finished stages are kept.', act: 'Resume the run' },
    })
  } else if (run !== null) {
    runStore.setState({ lost: true })
    sessionStore.setState({
      interrupted: {
        text: 'The engine was restarted. Its figures stay; run again to see the graphs and to export. Finished stages are kept.',
        act: 'Run again',
      },
    })
  }
}

async function isOpen(line: Engine, model: string): Promise<boolean> {
  try {
    await line.models.reopen({ model })
    await line.models.close({ model })
    return true
  } catch (error) {
    if (problemIn(error).code === 'not-open') return false
    throw error
  }
}

/** Keeps in mind what `restoreWindow` needs, at every change. */
export function keepWindow(): void {
  let kept = ''
  const keep = (): void => {
    const { opened, data, stage, candidate, tab } = sessionStore.getState()
    const { run } = runStore.getState()
    const { pipeline } = documentStore.getState()
    if (!opened) {
      // Closed: loaded again, the window comes up with the welcome. At first there is nothing on screen yet, and the memory is still wanted.
      if (kept !== '') rememberWindow(null)
      kept = ''
      return
    }
    const memory = { model: opened.model, path: opened.path, data: data?.path ?? null, run, stage, candidate, tab, pipeline }
    const text = JSON.stringify(memory)
    if (text !== kept) rememberWindow(memory)
    kept = text
  }
  sessionStore.subscribe(keep)
  documentStore.subscribe(keep)
  runStore.subscribe(({ run }, before) => run !== before.run && keep())
}
