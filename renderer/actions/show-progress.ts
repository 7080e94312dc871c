import { shell } from '../engine.ts'
import { runStore } from '../stores/run.ts'
import { shareOf } from '../stores/run-state.ts'

/** How far the run is stands on the task bar too, where there is one; told by the percent. */
export function showProgress(): void {
  const desktop = shell()
  if (!desktop) return
  let told: number | null = null
  runStore.subscribe((state) => {
    const share = shareOf(state)
    // A stage that begins its next step does not take the bar back.
    const percent = share === null ? null : Math.max(told ?? -100, Math.round(100 * share))
    if (percent === told) return
    told = percent
    void desktop.progress(percent === null ? null : percent / 100)
  })
}
