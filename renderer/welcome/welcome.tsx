import { Menu } from '@mantine/core'
import { useStore } from 'zustand'
import { openDialog, openSample } from '../actions/open.ts'
import { takePreset } from '../actions/pipeline.ts'
import { keys } from '../frame/keys.ts'
import { useRuns, useSamples } from '../resources/welcome.ts'
import { sessionStore } from '../stores/session.ts'
import { Icon } from '../ui/icon.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { EngineRuns } from './engine-runs.tsx'
import { Models } from './models.tsx'
import { SampleTurned } from './sample-turned.tsx'
import './welcome.css'

export function Welcome() {
  const problem = useStore(sessionStore, ({ problem }) => problem)
  return (
    <main className="work welcome">
      <div className="pg">
        {problem && (
          <div className="full">
            <ProblemNote problem={problem} onClose={() => sessionStore.setState({ problem: null })} />
          </div>
        )}
        <section>
          <h1 className="name">
            <Icon name="mark" />
            Lathe
          </h1>
          <p className="say">Make an ONNX model smaller and faster, and see at every node what it costs.</p>
          <Actions />
        </section>
        <Lists />
        <SampleTurned />
        <div className="drop">
          <Icon name="drop" size={18} />
          <span>Drop a model, a pipeline or a data set anywhere in this window. Your files are read, never written in place.</span>
        </div>
      </div>
    </main>
  )
}

function Actions() {
  const samples = useSamples()
  const busy = useStore(sessionStore, ({ connection, opening }) => connection !== 'ready' || opening !== null)
  const presets = useStore(sessionStore, ({ presets }) => presets)
  const sample = samples.state === 'ready' ? samples.value[0] : undefined
  return (
    <>
      <button type="button" className="act-card go" disabled={busy} onClick={() => void openDialog()}>
        <Icon name="open" size={18} />
        <span className="t">Open a model…</span>
        <kbd>{keys.command}O</kbd>
        <span className="d">.onnx, with or without external data</span>
      </button>
      <button type="button" className="act-card" disabled={busy || !sample} onClick={() => sample && void openSample(sample)}>
        <Icon name="mark" size={18} className="acc" />
        <span className="t">Try the sample</span>
        <span />
        <span className="d">{sample?.summary ?? 'A trained model with labelled data'}</span>
      </button>
      <Menu position="bottom-start" width="target">
        <Menu.Target>
          <button type="button" className="act-card" disabled={busy}>
            <Icon name="passes" size={18} className="t2" />
            <span className="t">Open a pipeline…</span>
            <span />
            <span className="d">or start from a preset: {presets.map(({ id }) => id).join(', ')}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void openDialog()}>Open a file…</Menu.Item>
          {presets.map(({ id, summary }) => (
            <Menu.Item key={id} onClick={() => takePreset(id)}>
              {id}
              <span className="menu-note">{summary}</span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

/** Rows of both lists together, so that the page stands in one view. */
const mostRows = 6

function Lists() {
  const runs = useRuns().slice(0, mostRows / 2)
  return (
    <section>
      <EngineRuns runs={runs} />
      <Models most={mostRows - runs.length} />
    </section>
  )
}
