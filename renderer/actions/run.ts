import { problemIn } from '../engine.ts'
import { documentStore } from '../stores/document.ts'
import { keepRun } from '../stores/past-runs.ts'
import type { WiredPipeline } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { afterEvent, isGoing, noRun } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'
import { engine } from './connection.ts'
import { tell } from './open.ts'

const now = () => performance.now()

/**
 * Runs the pipeline on the open model, or a part of it. Finished stages are remembered, so running again goes on where it stopped.
 * @param anew computes every stage again
 */
export async function startRun(part?: (pipeline: WiredPipeline) => WiredPipeline, anew = false): Promise<void> {
  const { opened, data } = sessionStore.getState()
  const { pipeline } = documentStore.getState()
  if (!opened || isGoing(runStore.getState()) || pipeline.stages.length === 0) return
  const document = part ? part(pipeline) : pipeline
  runStore.setState({ ...noRun, status: 'starting', startedAt: now(), order: document.stages.map(({ id }) => id) }, true)
  sessionStore.setState({ interrupted: null, problem: null })
  cancelWanted = false
  try {
    const { run } = await (await engine()).runs.start({ model: opened.model, pipeline: document, data: data?.path ?? null, cache: !anew })
    runStore.setState({ run })
    void follow(run)
    if (cancelWanted) await cancelRun()
  } catch (error) {
    stopWith(error)
  }
}

let listeners = 0

/** Hears a run to its end, from the last event that was heard. A later listener takes over from an earlier one, whose line may have broken. */
export async function follow(run: string): Promise<void> {
  listeners += 1
  const listener = listeners
  const isOver = () => listener !== listeners || runStore.getState().run !== run
  try {
    const events = await (await engine()).runs.events({ run, after: runStore.getState().lastEvent })
    for await (const { at, ms, event } of events) {
      if (isOver()) return
      const state = runStore.getState()
      runStore.setState({ ...afterEvent(state, event, state.startedAt + ms), run, lastEvent: at }, true)
      if (event.type === 'finished') showResult()
    }
  } catch (error) {
    if (!isOver()) stopWith(error)
  }
}

/** The first candidate becomes the one that figures and exports are about. */
function showResult(): void {
  const { candidates, report } = runStore.getState()
  const { candidate } = sessionStore.getState()
  if (report && candidates[0]) keepRun(report, candidates[0])
  const known = candidates.some(({ id }) => id === candidate)
  sessionStore.setState({ candidate: known ? candidate : (candidates[0]?.id ?? null) })
}

function stopWith(error: unknown): void {
  // A broken line is told by the connection, which also offers to go on.
  if (sessionStore.getState().connection !== 'ready' || problemIn(error).code === 'engine-gone') return
  runStore.setState({ status: 'failed', problem: problemIn(error), endedAt: now(), progress: null })
}

/** Whether the run was given up before the engine had named it. */
let cancelWanted = false

export async function cancelRun(): Promise<void> {
  const { run } = runStore.getState()
  cancelWanted = run === null
  if (run === null) return
  try {
    await (await engine()).runs.cancel({ run })
  } catch (error) {
    tell(error)
  }
}
