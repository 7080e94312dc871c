import { spotlight } from '@mantine/spotlight'
import { useStore } from 'zustand'
import { closeModel } from '../actions/close.ts'
import { openExport } from '../actions/export.ts'
import { cancelRun, startRun } from '../actions/run.ts'
import { documentStore } from '../stores/document.ts'
import { runStore } from '../stores/run.ts'
import { isGoing } from '../stores/run-state.ts'
import { sessionStore } from '../stores/session.ts'
import { bytes, count, plain } from '../ui/figures.ts'
import { Glyph } from '../ui/glyph.tsx'
import { Icon } from '../ui/icon.tsx'
import { Num } from '../ui/number.tsx'
import { DataPick } from './data-pick.tsx'
import { keys } from './keys.ts'
import { TargetPick } from './target-pick.tsx'

export function TitleBar() {
  return (
    <header className="bar">
      <Brand />
      <span className="sep" />
      <Facts />
      <button type="button" className="field cmd" onClick={() => spotlight.open()} aria-label="Commands and passes">
        <Icon name="find" />
        <span>Commands and passes</span>
        <kbd>{keys.command}K</kbd>
      </button>
      <DataPick />
      <TargetPick />
      <span className="main-actions">
        <RunButton />
        <ExportButton />
      </span>
    </header>
  )
}

/** The way back to the welcome, and to the runs that go on. */
function Brand() {
  const opened = useStore(sessionStore, ({ opened }) => opened !== null)
  const mark = (
    <>
      <Icon name="mark" />
      <span>Lathe</span>
    </>
  )
  if (!opened) return <span className="brand">{mark}</span>
  return (
    <button type="button" className="brand" title="Close the model and show the welcome; runs go on" onClick={() => void closeModel()}>
      {mark}
    </button>
  )
}

function Facts() {
  const opened = useStore(sessionStore, ({ opened }) => opened)
  const opening = useStore(sessionStore, ({ opening }) => opening)
  if (opening !== null)
    return (
      <span className="t2 ell grow" title={opening}>
        Opening {opening}…
      </span>
    )
  if (!opened) return <span className="facts grow">No model open</span>
  return (
    <>
      <span className="b ell model-name" title={opened.path}>
        {opened.name}
      </span>
      <span className="facts grow">
        <span>
          <Num figure={count(opened.parameters)} /> parameters
        </span>
        <span>
          <Num figure={bytes(opened.bytes)} />
        </span>
        <span className="wide">{plain(opened.nodes)} nodes</span>
        <span className="wide">opset {opened.opset}</span>
      </span>
    </>
  )
}

function RunButton() {
  const ready = useStore(sessionStore, ({ opened, connection }) => opened !== null && connection === 'ready')
  const stages = useStore(documentStore, ({ pipeline }) => pipeline.stages.length)
  const going = useStore(runStore, isGoing)
  if (going)
    return (
      <button type="button" className="btn" onClick={() => void cancelRun()}>
        <Icon name="stop" />
        Cancel
      </button>
    )
  const can = ready && stages > 0
  return (
    <button type="button" className={can ? 'btn go' : 'btn'} disabled={!can} onClick={() => void startRun()}>
      <Icon name="run" />
      Run{' '}
      {can && (
        <kbd>
          {keys.command}
          <Glyph name="enter" />
        </kbd>
      )}
    </button>
  )
}

function ExportButton() {
  const ready = useStore(sessionStore, ({ opened, connection }) => opened !== null && connection === 'ready')
  const going = useStore(runStore, isGoing)
  return (
    <button type="button" className="btn" disabled={!ready || going} onClick={openExport}>
      <Icon name="out" />
      Export
    </button>
  )
}
