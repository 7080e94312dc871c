import { type Engine, shell } from '../engine.ts'
import { forgetViews } from '../resources/views.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'
import { engine, onConnected, stayConnected } from './connection.ts'
import { openPath, tell } from './open.ts'
import { keepPipelines } from './pipeline.ts'
import { follow } from './run.ts'

/** Brings the window to life: a line to the engine, what the engine offers, and the model that the host was started with. */
export async function begin(): Promise<void> {
  onConnected(learn)
  onConnected(async (line, again) => {
    if (again) await comeBack(line)
  })
  keepPipelines()
  void stayConnected()
  await engine()
  const { model } = await hostFacts()
  if (model !== null) await openPath(model)
}

/** What the host of this window knows. */
export interface HostFacts {
  /** Folder for exports that the browser then downloads; `null` where a dialog asks. */
  readonly exports: string | null
  readonly model: string | null
}

export async function hostFacts(): Promise<HostFacts> {
  if (shell()) return { exports: null, model: null }
  const response = await fetch('host.json')
  return (await response.json()) as HostFacts
}

async function learn(line: Engine): Promise<void> {
  const [passes, presets] = await Promise.all([line.pipelines.passes(), line.pipelines.presets()])
  sessionStore.setState({ passes, presets })
  void line.machine().then((machine) => sessionStore.setState({ machine }), tell)
}

/**
 * After a broken line: the same engine goes on with its runs, a fresh one knows nothing. The model is opened again, and a run that was
 * going on is either heard further or offered to be resumed: what had finished is remembered in the store.
 */
async function comeBack(line: Engine): Promise<void> {
  const { opened } = sessionStore.getState()
  const { run } = runStore.getState()
  const wasGoing = isGoing(runStore.getState())
  const known = run !== null && (await line.runs.list()).some((one) => one.run === run)
  if (known) {
    sessionStore.setState({ interrupted: null })
    if (wasGoing) void follow(run).catch(tell)
    return
  }
  forgetViews()
  try {
    if (opened) sessionStore.setState({ opened: await line.models.open({ path: opened.path }) })
  } catch (error) {
    tell(error)
  }
  if (!wasGoing) return
  runStore.setState({ status: 'failed', progress: null, endedAt: performance.now() })
  sessionStore.setState({
    interrupted: { text: 'The engine stopped during a run and was restarted. Finished stages are kept.', canResume: true },
  })
}
