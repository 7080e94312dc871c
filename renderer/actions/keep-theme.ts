import { sessionStore, themes } from '../stores/session.ts'

const key = 'lathe.theme'

/** The theme is chosen once for all windows. */
export function keepTheme(storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage): void {
  const kept = themes.find((theme) => theme === storage.getItem(key))
  if (kept) sessionStore.setState({ theme: kept })
  sessionStore.subscribe(({ theme }, before) => theme !== before.theme && storage.setItem(key, theme))
}
