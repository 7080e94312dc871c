import { lazy, Suspense } from 'react'
import { useStore } from 'zustand'
import { ModelView } from '../model-view/model-view.tsx'
import { CandidatesPanel } from '../panels/candidates/candidates-panel.tsx'
import { CandidatesSide } from '../panels/candidates/candidates-side.tsx'
import { DataDialog } from '../panels/data/data-dialog.tsx'
import { ExportDialog } from '../panels/export/export-dialog.tsx'
import { Inspector } from '../panels/inspector/inspector.tsx'
import { LayersPanel } from '../panels/layers/layers-panel.tsx'
import { Library } from '../panels/library/library.tsx'
import { LogPanel } from '../panels/log/log-panel.tsx'
import { PipelineBar } from '../pipeline-view/pipeline-bar.tsx'
import { sessionStore } from '../stores/session.ts'
import { Loading } from '../ui/empty.tsx'
import { Fence } from '../ui/fence.tsx'
import { TabRow } from './tab-row.tsx'

const DiffView = lazy(() => import('../diff-view/diff-view.tsx').then(({ DiffView }) => ({ default: DiffView })))
const ChangesSide = lazy(() => import('../diff-view/changes-side.tsx').then(({ ChangesSide }) => ({ default: ChangesSide })))

/** The window once a model is open: passes, pipeline, tabs, and a side panel that follows the tab. */
export function Workbench() {
  const folded = useStore(sessionStore, ({ paletteFolded }) => paletteFolded)
  const tab = useStore(sessionStore, ({ tab }) => tab)
  const comparing = tab === 'Layers' || tab === 'Candidates'
  return (
    <main className={`work workbench ${folded ? 'folded' : ''} ${comparing ? 'comparing' : ''}`}>
      <Library folded={folded} />
      <div className="col">
        <PipelineBar />
        <TabRow />
        <Fence key={tab}>
          <Suspense fallback={<Loading what="Opening the panel…" />}>
            {tab === 'Model' && <ModelView />}
            {tab === 'Diff' && <DiffView />}
            {tab === 'Layers' && <LayersPanel />}
            {tab === 'Candidates' && <CandidatesPanel />}
            {tab === 'Log' && <LogPanel />}
          </Suspense>
        </Fence>
      </div>
      <Suspense fallback={<aside className="col panel side" />}>
        {comparing ? <CandidatesSide /> : tab === 'Diff' ? <ChangesSide /> : <Inspector />}
      </Suspense>
      <ExportDialog />
      <DataDialog />
    </main>
  )
}
