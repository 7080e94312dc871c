import { runStore } from '../stores/run.ts'
import { engine } from './connection.ts'
import { tell } from './open.ts'
import { download } from './save-pipeline.ts'

/** The report of the run as a page of its own. */
export async function saveReport(): Promise<void> {
  const { run } = runStore.getState()
  if (run === null) return
  try {
    const { html } = await (await engine()).runs.reportPage({ run })
    const url = URL.createObjectURL(new Blob([html], { type: 'text/html' }))
    download(url, 'report.html')
    URL.revokeObjectURL(url)
  } catch (error) {
    tell(error)
  }
}
