import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { Machine } from '../../core/api/measurement.ts'
import { cancelRun } from '../actions/run.ts'
import { runStore } from '../stores/run.ts'
import { isGoing, type RunState } from '../stores/run-state.ts'
import { type Connection, sessionStore } from '../stores/session.ts'
import { milliseconds, wholeSeconds } from '../ui/figures.ts'
import { CandidateFigures } from './candidate-figures.tsx'
import { type Pace, paceAt } from './pace.ts'
import './frame-parts.css'

export function StatusBar() {
  const going = useStore(runStore, isGoing)
  return (
    <footer className="foot">
      {going ? <Progress /> : <Rest />}
      <span className="grow" />
      <CandidateFigures />
    </footer>
  )
}

const ends = {
  finished: 'Run finished',
  failed: 'Run failed',
  cancelled: 'Run cancelled: finished stages are kept',
  interrupted: 'Run interrupted: finished stages are kept',
} as const

/** How the last run ended. */
function LastRun() {
  const status = useStore(runStore, ({ status }) => status)
  const took = useStore(runStore, ({ startedAt, endedAt }) => (endedAt === null ? null : endedAt - startedAt))
  if (!(status in ends) || took === null) return null
  const { value, unit } = milliseconds(took)
  return (
    <>
      <span className="sep" />
      <span role="status">
        {ends[status as keyof typeof ends]}
        {status === 'finished' && ` in ${value} ${unit}`}
      </span>
    </>
  )
}

const connectionTexts: Readonly<Record<Connection, string>> = {
  connecting: 'Starting the engine…',
  ready: 'Engine ready',
  lost: 'Engine lost, restarting…',
  gone: 'Lathe has ended: start it again and open the address that it prints',
}

function Rest() {
  const connection = useStore(sessionStore, ({ connection }) => connection)
  const machine = useStore(sessionStore, ({ machine }) => machine)
  return (
    <>
      <span role="status" className={connection === 'lost' || connection === 'gone' ? 'worse' : undefined}>
        {connectionTexts[connection]}
      </span>
      {machine && (
        <>
          <span className="sep" />
          <span>ONNX Runtime {machine.runtime.version}</span>
          <span className="sep wide" />
          <span className="wide">{machineText(machine)}</span>
        </>
      )}
      <LastRun />
    </>
  )
}

function machineText({ cores, features, int8DotProduct }: Machine): string {
  const vector = features.find((feature) => feature.startsWith('avx512')) ?? features[0]
  const dot = int8DotProduct ? 'INT8 dot products' : 'no VNNI: INT8 weights will be pair-safe'
  return [`${cores} cores`, vector?.toUpperCase(), dot].filter(Boolean).join(', ')
}

function Progress() {
  const state = useStore(runStore)
  const { progress } = state
  return (
    <>
      {progress && progress.of > 0 && (
        <b>
          {progress.done} / {progress.of}
        </b>
      )}
      <span role="status">{stepText(state)}</span>
      <span
        className={progress && progress.of > 0 ? 'progress' : 'progress waiting'}
        role="progressbar"
        aria-label="Run"
        aria-valuenow={progress && progress.of > 0 ? Math.round((100 * progress.done) / progress.of) : undefined}
      >
        <i style={progress && progress.of > 0 ? { width: `${(100 * progress.done) / progress.of}%` } : undefined} />
      </span>
      <Clock state={state} />
      <button type="button" className="btn small quiet underlined" onClick={() => void cancelRun()}>
        Cancel
      </button>
    </>
  )
}

function stepText({ status, progress, stages, order }: RunState): string {
  const running = order.find((id) => stages[id]?.state === 'running')
  if (progress) return progress.stage === null ? progress.step : `${progress.stage}: ${progress.step}`
  if (status === 'starting') return 'starting'
  return running ?? 'measuring'
}

/** Time left where the pace is known, else time so far. */
function Clock({ state: { progress, startedAt } }: { state: RunState }) {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const pace = useRef<Pace | null>(null)
  pace.current = progress ? paceAt(pace.current, progress, now) : null
  if (pace.current) {
    const left = wholeSeconds(Math.max(0, pace.current.end - now))
    return (
      <span>
        about {left.value} {left.unit} left
      </span>
    )
  }
  const { value, unit } = wholeSeconds(Math.max(0, now - startedAt))
  return (
    <span>
      {value} {unit}
    </span>
  )
}
