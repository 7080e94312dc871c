import { type Engine, shell } from '../engine.ts'
import { sessionStore } from '../stores/session.ts'
import { comeBack, keepWindow, restoreWindow } from './come-back.ts'
import { onConnected, stayConnected } from './connection.ts'
import { keepTheme } from './keep-theme.ts'
import { openDialog, openPath, tell } from './open.ts'
import { keepPipelines, leaveGoneStages } from './pipeline.ts'
import { showProgress } from './show-progress.ts'

/**
 * Brings the window to life: a line to the engine, what the engine offers, and what was open before the window was loaded again, else the
 * model that the host was started with.
 */
export function begin(): void {
  let begun = false
  onConnected(learn)
  onConnected(async (line) => {
    if (begun) return comeBack(line)
    const restored = await restoreWindow(line)
    begun = true
    if (restored) return
    const { model } = await hostFacts()
    // Not awaited: the line is ready, and the window says what it opens.
    if (model !== null) void openPath(model)
  })
  keepTheme()
  keepPipelines()
  leaveGoneStages()
  keepWindow()
  showProgress()
  // From the menu, the dock, "open with" and a second start of the program.
  shell()?.onOpened((path) => void (path === null ? openDialog() : openPath(path)))
  void stayConnected()
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
