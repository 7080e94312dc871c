import { Menu } from '@mantine/core'
import { useStore } from 'zustand'
import { startAnew, takePreset } from '../actions/pipeline.ts'
import { recommend } from '../actions/recommend.ts'
import { startRun } from '../actions/run.ts'
import { savePipeline } from '../actions/save-pipeline.ts'
import { letterOf } from '../frame/candidate-figures.tsx'
import { documentStore } from '../stores/document.ts'
import { leavesOf, pathOf, sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { sessionStore } from '../stores/session.ts'
import { milliseconds } from '../ui/figures.ts'
import { Icon } from '../ui/icon.tsx'
import { PipelineJson } from './pipeline-json.tsx'
import { PipelineStrip } from './pipeline-strip.tsx'
import { useClipboard } from './use-clipboard.ts'
import './pipeline.css'

/** The pipeline over the tabs: a strip of cards, or one line while one compares. */
export function PipelineBar() {
  const folded = useStore(sessionStore, ({ pipelineFolded }) => pipelineFolded)
  return folded ? <FoldedPipeline /> : <OpenPipeline />
}

function OpenPipeline() {
  const view = useStore(sessionStore, ({ pipelineAs }) => pipelineAs)
  useClipboard()
  return (
    <section className="pipe-frame" aria-label="Pipeline">
      {view === 'graph' ? <PipelineStrip /> : <PipelineJson />}
      <PipelineTools />
    </section>
  )
}

/** Graph and text are two views of one document. */
function ViewSwitch() {
  const view = useStore(sessionStore, ({ pipelineAs }) => pipelineAs)
  return (
    <span className="seg">
      {(['graph', 'json'] as const).map((one) => (
        <button key={one} type="button" aria-pressed={view === one} onClick={() => sessionStore.setState({ pipelineAs: one })}>
          {one === 'graph' ? 'Graph' : 'JSON'}
        </button>
      ))}
    </span>
  )
}

/** Said once: what stands here is not a fresh start. */
function Restored() {
  const restored = useStore(sessionStore, ({ restored }) => restored)
  if (!restored) return null
  return (
    <p className="pipe-restored sm t2">
      as you left it
      <button type="button" className="btn link sm" onClick={startAnew}>
        Start anew
      </button>
    </p>
  )
}

function PipelineTools() {
  const presets = useStore(sessionStore, ({ presets }) => presets)
  const canUndo = useStore(documentStore, ({ past }) => past.length > 0)
  const canRedo = useStore(documentStore, ({ future }) => future.length > 0)
  return (
    <div className="pipe-tools">
      <ViewSwitch />
      <div className="pipe-tools-row">
        <button
          type="button"
          className="btn quiet small"
          aria-label="Undo"
          title="Undo"
          disabled={!canUndo}
          onClick={() => documentStore.undo()}
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          className="btn quiet small"
          aria-label="Redo"
          title="Redo"
          disabled={!canRedo}
          onClick={() => documentStore.redo()}
        >
          <Icon name="redo" />
        </button>
        <Menu position="bottom-end">
          <Menu.Target>
            <button type="button" className="btn quiet small" aria-label="Presets and pipeline file" title="Presets and pipeline file">
              <Icon name="more" />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void recommend()}>
              Recommend for this model
              <span className="menu-note">from its structure, the target and the data, each choice with its reason</span>
            </Menu.Item>
            <Menu.Label>Presets</Menu.Label>
            {presets.map(({ id, summary }) => (
              <Menu.Item key={id} onClick={() => takePreset(id)}>
                {id}
                <span className="menu-note">{summary}</span>
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item onClick={savePipeline}>Save the pipeline…</Menu.Item>
            <Menu.Item onClick={() => void startRun(undefined, true)}>
              Run everything anew
              <span className="menu-note">without what earlier runs have left in the store</span>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <Restored />
    </div>
  )
}

function FoldedPipeline() {
  const pipeline = useStore(documentStore, ({ pipeline }) => pipeline)
  const stage = useStore(sessionStore, ({ stage }) => stage)
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const took = useStore(runStore, ({ status, startedAt, endedAt }) => (status === 'finished' ? (endedAt ?? 0) - startedAt : null))
  const leaves = leavesOf(pipeline)
  const trunk = [sourceId, ...pipeline.stages.map(({ id }) => id).filter((id) => !leaves.includes(id))]
  const chip = (id: string) => (
    <button type="button" key={id} className={id === stage ? 'chip on' : 'chip'} onClick={() => sessionStore.setState({ stage: id })}>
      {id}
      {leaves.includes(id) && candidates.some((one) => one.id === id) && <span className="tagA acc">{letterOf(candidates, id)}</span>}
    </button>
  )
  const ordered = leaves.length === 1 ? [sourceId, ...pathOf(pipeline, leaves[0]!)] : trunk
  const duration = took === null ? null : milliseconds(took)
  return (
    <section className="crumbs" aria-label="Pipeline">
      {ordered.map((id, position) => (
        <span key={id} className="crumb-step">
          {position > 0 && <Icon name="right" className="t3" size={12} />}
          {chip(id)}
        </span>
      ))}
      {leaves.length > 1 && (
        <>
          <Icon name="right" className="t3" size={12} />
          {leaves.map(chip)}
        </>
      )}
      <span className="grow" />
      {duration && (
        <span className="t3 sm wide">
          Run finished in {duration.value} {duration.unit}
        </span>
      )}
      <button type="button" className="btn quiet" onClick={() => sessionStore.setState({ pipelineFolded: false })}>
        Unfold pipeline <Icon name="down" />
      </button>
    </section>
  )
}
