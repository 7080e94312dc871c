import type { BrowserWindow } from 'electron'
import type { Calls } from './calls.ts'

/** A page whose process ends this often within this time would end again: whoever sits before it is asked first. */
const most = { ends: 3, withinMs: 60_000 }

/**
 * Loads the page again when its process ended, which a driver or a full memory does to it. Where it ends time after time it is not loaded
 * again before somebody says so: that would go on without end, and take a core with it.
 */
export function loadAgain({ app, dialog }: Calls, window: BrowserWindow, load: () => void): void {
  let ends: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    const now = performance.now()
    ends = [...ends.filter((at) => now - at < most.withinMs), now]
    if (ends.length < most.ends) load()
    else void ask(reason)
  })

  const ask = async (reason: string): Promise<void> => {
    // One that never was ready to be shown would take its question along.
    window.show()
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: `Lathe’s window ended ${ends.length} times within a minute`,
      detail: `The system says: ${reason}. Models, pipelines and runs are untouched. Starting Lathe with --disable-gpu helps where a graphics driver is the cause.`,
      buttons: ['Load again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    })
    ends = []
    if (response === 1) app.quit()
    else if (!window.isDestroyed()) load()
  }
}
