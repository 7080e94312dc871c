import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { ModelTools } from '../model-view/model-tools.tsx'
import { LayerTools } from '../panels/layers/layer-tools.tsx'
import { runStore } from '../stores/run.ts'
import { sessionStore, showTab, type Tab, tabs } from '../stores/session.ts'
import { useCandidate } from './candidate-figures.tsx'

export function TabRow() {
  const tab = useStore(sessionStore, ({ tab }) => tab)
  return (
    <div className="tabs">
      <div className="tablist" role="tablist" aria-label="Views">
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            className="tab"
            aria-selected={tab === name}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => showTab(name)}
            onKeyDown={(event) => walk(event, name)}
          >
            {name}
            <Count tab={name} />
          </button>
        ))}
      </div>
      {tab === 'Model' && <ModelTools />}
      {tab === 'Layers' && <LayerTools />}
    </div>
  )
}

/** Arrow keys move between tabs, as screen readers expect. */
function walk(event: KeyboardEvent<HTMLButtonElement>, from: Tab): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  const next = tabs[(tabs.indexOf(from) + step + tabs.length) % tabs.length]!
  showTab(next)
  const row = event.currentTarget.parentElement!
  row.querySelectorAll<HTMLButtonElement>('[role=tab]')[tabs.indexOf(next)]?.focus()
}

function Count({ tab }: { tab: Tab }) {
  const candidate = useCandidate()
  const candidates = useStore(runStore, ({ candidates }) => candidates.length)
  const rows = candidate?.layers.filter(({ kind }) => kind === 'layer').length ?? 0
  const count = tab === 'Layers' ? rows : tab === 'Candidates' ? candidates : 0
  return count > 0 ? <span className="n">{count}</span> : null
}
