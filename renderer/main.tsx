import './theme/tokens.css'
import './theme/frame.css'
import '@mantine/core/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import '@xyflow/react/dist/base.css'
import './theme/mantine.css'
import { createRoot } from 'react-dom/client'
import { begin } from './actions/begin.ts'
import { App } from './app.tsx'

createRoot(document.querySelector('#root')!).render(<App />)
begin()
