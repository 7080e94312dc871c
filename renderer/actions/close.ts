import { forgetRecents } from '../resources/welcome.ts'
import { sessionStore } from '../stores/session.ts'
import { engine } from './connection.ts'
import { show, tell } from './open.ts'

/** Back to the welcome. A run goes on in the engine, and is listed there. */
export async function closeModel(): Promise<void> {
  const { opened } = sessionStore.getState()
  if (!opened) return
  forgetRecents()
  show(null)
  try {
    await (await engine()).models.close({ model: opened.model })
  } catch (error) {
    tell(error)
  }
}
