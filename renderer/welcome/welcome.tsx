import { Menu } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { openDialog, openPath, openSample } from '../actions/open.ts'
import { takePreset } from '../actions/pipeline.ts'
import { keys } from '../frame/keys.ts'
import { useRecents, useRuns, useSamples } from '../resources/welcome.ts'
import { pastRuns } from '../stores/past-runs.ts'
import { sessionStore } from '../stores/session.ts'
import { bytes, type Figure, milliseconds } from '../ui/figures.ts'
import { FromTo } from '../ui/glyph.tsx'
import { Icon } from '../ui/icon.tsx'
import { Num, Struck } from '../ui/number.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { EngineRuns } from './engine-runs.tsx'
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
      <Recent most={mostRows - runs.length} />
    </section>
  )
}

function Recent({ most }: { most: number }) {
  const recents = useRecents()
  const [all, setAll] = useState(false)
  const known = recents.state === 'ready' ? recents.value : []
  const rows = all ? known : known.slice(0, most)
  return (
    <>
      <h2 className="h">Recent</h2>
      {recents.state === 'failed' && <ProblemNote problem={recents.problem} onRetry={recents.retry} />}
      {recents.state === 'ready' && rows.length === 0 && (
        <p className="no-recent">Models that you open are listed here. Begin with the sample: sample, Run, Export are three clicks.</p>
      )}
      {rows.length > 0 && (
        <table className="rec">
          <colgroup>
            <col />
            <col style={{ width: 132 }} />
            <col style={{ width: 132 }} />
            <col style={{ width: 104 }} />
          </colgroup>
          <thead>
            <tr>
              <th>
                <span className="hidden-text">file</span>
              </th>
              <th>size</th>
              <th>latency</th>
              <th>opened</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ path, name, bytes: size, openedAt }) => (
              <tr key={path}>
                <td>
                  <button type="button" onClick={() => void openPath(path)}>
                    <b className="ell">{name}</b>
                    <span>{placeOf(path)}</span>
                  </button>
                </td>
                <RunFigures path={path} size={size} />
                <td className={openedAt === null ? 't3' : 't2'}>{openedAt === null ? 'not yet' : dayOf(openedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length < known.length && (
        <button type="button" className="btn quiet small underlined" onClick={() => setAll(true)}>
          Show all {known.length}
        </button>
      )}
    </>
  )
}

/** Size and latency, before and after the last run of that model in this window. */
function RunFigures({ path, size }: { path: string; size: number }) {
  const run = pastRuns().find((one) => one.path === path)
  if (!run)
    return (
      <>
        <td>
          <Num figure={bytes(size)} />
        </td>
        <td className="t3">not run yet</td>
      </>
    )
  return (
    <>
      <Change before={bytes(run.baseline.bytes)} after={bytes(run.after.bytes)} />
      <Change before={milliseconds(run.baseline.ms)} after={milliseconds(run.after.ms)} />
    </>
  )
}

const Change = ({ before, after }: { before: Figure; after: Figure }) => (
  <td>
    <FromTo from={<Struck before={before} after={after} />} to={<Num figure={after} />} />
  </td>
)

const placeOf = (path: string) => path.split(/[/\\]/).slice(-3, -1).join(' / ')

function dayOf(iso: string): string {
  const date = new Date(iso)
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86_400_000)
  if (days === 0) return `today, ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`
  return days === 1 ? 'yesterday' : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })
}
