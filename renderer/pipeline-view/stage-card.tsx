import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { besideEachOther } from '../../core/api/beside-each-other.ts'
import { metricFigure } from '../../core/api/metric.ts'
import type { PassInfo, Stage } from '../../core/api/pipeline.ts'
import type { Candidate, StageReport } from '../../core/api/report.ts'
import { remove, shift } from '../actions/pipeline.ts'
import { titleOf } from '../panels/inspector/option-schema.ts'
import { useWarnings } from '../resources/plan.ts'
import { sourceId } from '../stores/pipeline-edit.ts'
import { runStore } from '../stores/run.ts'
import { select, sessionStore } from '../stores/session.ts'
import { bytes, type Figure, milliseconds, plain } from '../ui/figures.ts'
import { FromTo } from '../ui/glyph.tsx'
import { Icon } from '../ui/icon.tsx'
import { Num } from '../ui/number.tsx'
import { beginDrag, endDrag } from './dragging.ts'
import { DropSpot } from './drop-spot.tsx'
import type { PlacedCard } from './place-cards.ts'

export function StageCard({ card, stage }: { card: PlacedCard; stage: Stage | null }) {
  const shown = useStore(sessionStore, (session) => session.stage === card.id)
  const chosen = useStore(sessionStore, ({ selection }) => selection?.kind === 'stage' && selection.id === card.id)
  const progress = useStore(runStore, ({ stages }) => stages[card.id])
  const warning = useWarnings().find((one) => one.stage === card.id)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [chosen])
  const choose = () => {
    sessionStore.setState({ stage: card.id })
    select({ kind: 'stage', id: card.id })
  }
  return (
    <div className="card-place" style={{ left: card.x, top: card.y, width: card.width }}>
      <button
        ref={button}
        type="button"
        className={`card ${shown ? 'on' : ''} ${chosen ? 'chosen' : ''} ${progress?.state ?? ''}`}
        draggable={stage !== null}
        onDragStart={(event) => stage && beginDrag(event, { kind: 'stage', stage: stage.id })}
        onDragEnd={endDrag}
        onClick={choose}
        title={warning ? `${warning.what} ${warning.mend}` : undefined}
        onKeyDown={(event) => {
          if (!stage) return
          if (event.key === 'Delete' || event.key === 'Backspace') removeBy(event, stage.id)
          if (event.altKey && event.key === 'ArrowLeft') moveBy(event, stage.id, -1)
          if (event.altKey && event.key === 'ArrowRight') moveBy(event, stage.id, 1)
        }}
      >
        <span className="l1">
          <b className="ell">{card.id}</b>
          <StageTime id={card.id} />
        </span>
        <span className="l2">
          {warning && <Icon name="caution" className="caution" size={11} />}
          {warning ? warning.what : stage ? <StageLine stage={stage} report={progress?.report ?? null} /> : 'opened model'}
        </span>
        <Strip id={card.id} report={progress?.report ?? null} />
        {progress?.state === 'running' && <CardProgress id={card.id} />}
      </button>
      <DropSpot className="card-drop" spot={{ after: card.id }} label={`Behind ${card.id}`} />
      <DropSpot className="branch-drop" spot={{ branch: card.id }} label={`Branch from ${card.id}`} />
    </div>
  )
}

/** Whoever takes cards out by keys goes on at the card before. */
function removeBy({ currentTarget }: KeyboardEvent<HTMLButtonElement>, id: string): void {
  const cards = [...(currentTarget.closest('.pipe')?.querySelectorAll<HTMLButtonElement>('.card') ?? [])]
  const before = cards[cards.indexOf(currentTarget) - 1]
  remove(id)
  before?.focus()
}

/** Alt with an arrow walks back in the browser's history otherwise. */
function moveBy(event: KeyboardEvent, id: string, by: -1 | 1): void {
  event.preventDefault()
  shift(id, by)
}

/** How far the running stage is, where it tells. */
function CardProgress({ id }: { id: string }) {
  const progress = useStore(runStore, ({ progress }) => (progress?.stage === id && progress.of > 0 ? progress : null))
  if (!progress) return null
  return <i className="card-progress" style={{ width: `${Math.min(100, (100 * progress.done) / progress.of)}%` }} />
}

function StageTime({ id }: { id: string }) {
  const stage = useStore(runStore, ({ stages }) => stages[id])
  if (stage?.state === 'running') return <span className="t3 sm nw">running…</span>
  if (stage?.state === 'failed') return <span className="worse sm nw">failed</span>
  if (!stage?.report?.changed) return null
  const { value, unit } = milliseconds(stage.report.ms)
  return <span className="t3 sm nw">{stage.report.cached ? 'kept' : `${value} ${unit}`}</span>
}

/** After a run what the pass did, before it what it is set to. */
function StageLine({ stage, report }: { stage: Stage; report: StageReport | null }) {
  const pass = useStore(sessionStore, ({ passes }) => passes.find(({ id }) => id === stage.pass))
  if (report) return <>{doneLine(report)}</>
  const set = Object.entries(stage.options).map(([name, value]) => optionText(name, value))
  return <>{set.length > 0 ? set.join(', ') : (summaryOf(pass) ?? stage.pass)}</>
}

/** `perChannel: true` reads as `per channel`, `bits: 4` as `bits 4`, `budget: { points: 1 }` as `budget points 1`. */
function optionText(name: string, value: unknown): string {
  const words = titleOf(name)
  if (value === true) return words
  if (value === false) return `no ${words}`
  if (value === null) return `${words} none`
  if (Array.isArray(value)) return `${words} ${value.join(', ')}`
  const text = typeof value === 'object' ? Object.entries(value as object).map(([part, of]) => optionText(part, of)) : [String(value)]
  return `${words} ${text.join(', ')}`
}

const summaryOf = (pass: PassInfo | undefined) => pass?.title

function doneLine({ changed, nodes, notes, changes }: StageReport): ReactNode {
  if (!changed) return 'nothing to change'
  if (nodes.before !== nodes.after) return <FromTo from={plain(nodes.before)} to={`${plain(nodes.after)} nodes`} />
  const most = changes.slice(0, 2).map(({ rule, count }) => `${rule} ${count}×`)
  return most.join(', ') || notes[0] || 'changed'
}

/** Three figures: latency, size, accuracy, as far as they are known of this version. */
function Strip({ id, report }: { id: string; report: StageReport | null }) {
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const candidate = candidates.find((one) => one.id === id)
  const source = useStore(sessionStore, ({ opened }) => opened)
  const figures =
    id === sourceId
      ? sourceFigures(candidates[0], source?.bytes ?? null)
      : candidate
        ? candidateFigures(candidate, besideEachOther(candidates).get(id))
        : stageFigures(report)
  if (figures.length === 0) return null
  return (
    <span className="l3">
      {figures.map((figure) => (
        <span key={figure.unit || figure.value}>
          <Num figure={figure} />
        </span>
      ))}
    </span>
  )
}

const ms = (value: number): Figure => milliseconds(value)

/** @param latency on one time of the source, as in the table of candidates */
function candidateFigures({ sizeBytes, accuracy }: Candidate, latency: number | undefined): Figure[] {
  return [
    ...(latency === undefined ? [] : [ms(latency)]),
    bytes(sizeBytes.candidate),
    ...('metric' in accuracy ? [metricFigure(accuracy.metric, accuracy.candidate, 3)] : []),
  ]
}

function sourceFigures(any: Candidate | undefined, size: number | null): Figure[] {
  return [...(any && 'ratio' in any.latencyMs ? [ms(any.latencyMs.baseline.median)] : []), ...(size === null ? [] : [bytes(size)])]
}

const stageFigures = (report: StageReport | null): Figure[] =>
  report ? [{ value: plain(report.nodes.after), unit: 'nodes' }, bytes(report.bytes.after)] : []
