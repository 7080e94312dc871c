import { useColorScheme } from '@mantine/hooks'
import { useStore } from 'zustand'
import { sessionStore } from '../stores/session.ts'

/** Changes when the theme does: canvases read their colours anew. */
export function useSchemeChange(): string {
  const system = useColorScheme('light', { getInitialValueInEffect: false })
  const chosen = useStore(sessionStore, ({ theme }) => theme)
  return `${chosen} ${system}`
}
