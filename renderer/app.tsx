import { MantineProvider } from '@mantine/core'
import { useColorScheme } from '@mantine/hooks'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Commands } from './frame/commands.tsx'
import { DropEverywhere } from './frame/drop-everywhere.tsx'
import { Keyboard } from './frame/keyboard.tsx'
import { Notices } from './frame/notices.tsx'
import { StatusBar } from './frame/status-bar.tsx'
import { TitleBar } from './frame/title-bar.tsx'
import { Workbench } from './frame/workbench.tsx'
import { sessionStore } from './stores/session.ts'
import { theme, tokensAsVariables } from './theme/mantine.ts'
import { Welcome } from './welcome/welcome.tsx'

export function App() {
  const opened = useStore(sessionStore, ({ opened }) => opened !== null)
  return (
    <MantineProvider theme={theme} cssVariablesResolver={tokensAsVariables} forceColorScheme={useTheme()}>
      <Keyboard />
      <Commands />
      <DropEverywhere />
      <div className="app">
        <TitleBar />
        {opened ? <Workbench /> : <Welcome />}
        <StatusBar />
      </div>
      <Notices />
    </MantineProvider>
  )
}

/** The theme follows the system unless one is chosen; `data-theme` carries the choice to the tokens. */
function useTheme(): 'light' | 'dark' {
  const chosen = useStore(sessionStore, ({ theme }) => theme)
  const system = useColorScheme('light', { getInitialValueInEffect: false })
  useEffect(() => {
    if (chosen === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = chosen
  }, [chosen])
  return chosen === 'system' ? system : chosen
}
