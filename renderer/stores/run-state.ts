import type { Problem } from '../../core/api/problem.ts'
import { quantity } from '../../core/api/quantity.ts'
import type { Candidate, Report, StageReport } from '../../core/api/report.ts'
import type { RunEvent } from '../../core/api/run-event.ts'

export type StageState = 'waiting' | 'running' | 'done' | 'failed'

export interface LogLine {
  /** Milliseconds since the run began. */
  readonly at: number
  readonly kind: 'step' | 'note' | 'problem'
  readonly text: string
}

/** All that a window knows of a run: its events folded up. */
export interface RunState {
  readonly status: 'none' | 'starting' | 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted'
  readonly run: string | null
  /** The engine that had it is gone, and with it the versions of its stages; its figures are known here. */
  readonly lost: boolean
  readonly order: readonly string[]
  readonly leaves: readonly string[]
  readonly stages: Readonly<Record<string, { readonly state: StageState; readonly report: StageReport | null }>>
  readonly progress: {
    readonly stage: string | null
    readonly step: string
    readonly done: number
    readonly of: number
    readonly since: number
  } | null
  readonly candidates: readonly Candidate[]
  readonly report: Report | null
  readonly problem: Problem | null
  readonly log: readonly LogLine[]
  readonly startedAt: number
  readonly endedAt: number | null
  /** Place of the last event, to go on from after a lost connection. */
  readonly lastEvent: number
}

export const noRun: RunState = {
  status: 'none',
  run: null,
  lost: false,
  order: [],
  leaves: [],
  stages: {},
  progress: null,
  candidates: [],
  report: null,
  problem: null,
  log: [],
  startedAt: 0,
  endedAt: null,
  lastEvent: -1,
}

export const isGoing = ({ status }: Pick<RunState, 'status'>) => status === 'starting' || status === 'running'

/** How far a run is, 0..1: each stage counts alike, and measuring as one more. -1 before the first stage, `null` when none goes on. */
export function shareOf(state: RunState): number | null {
  const { order, stages, progress } = state
  if (!isGoing(state)) return null
  if (order.length === 0) return -1
  const done = order.filter((id) => stages[id]?.state === 'done').length
  const within = progress && progress.of > 0 ? Math.min(1, progress.done / progress.of) : 0
  return (done + within) / (order.length + 1)
}

/** The next state; `now` is milliseconds of any steady clock. */
export function afterEvent(state: RunState, event: RunEvent, now: number): RunState {
  const say = (kind: LogLine['kind'], text: string): readonly LogLine[] => [...state.log, { at: now - state.startedAt, kind, text }]
  const stageIs = (id: string, stage: StageState, report: StageReport | null = null) => ({
    ...state.stages,
    [id]: { state: stage, report },
  })
  switch (event.type) {
    case 'started':
      return { ...state, status: 'running', run: event.run, order: event.stages, leaves: event.leaves, stages: waiting(event.stages) }
    case 'stage-started':
      return { ...state, stages: stageIs(event.stage, 'running'), log: say('step', `${event.stage} started`), progress: null }
    case 'progress':
      return { ...state, progress: { ...progressOf(state, event, now) } }
    case 'stage-finished':
      return { ...state, stages: stageIs(event.stage, 'done', event.report), log: say('step', finishedLine(event.report)), progress: null }
    case 'candidate':
      return { ...state, candidates: withCandidate(state.candidates, event.candidate), log: say('step', candidateLine(event.candidate)) }
    case 'note':
      return { ...state, log: say('note', event.text) }
    case 'failed':
      return failed(state, event, { log: say('problem', event.problem.what), now })
    case 'finished':
      return {
        ...state,
        status: 'finished',
        report: event.report,
        candidates: event.report.candidates,
        problem: notTimed(event.report.candidates),
        progress: null,
        endedAt: now,
        log: say('step', 'finished'),
      }
  }
}

/** A run ends well where a candidate or its measuring did not: what was wrong, and its own mend, are told nevertheless. */
function notTimed(candidates: readonly Candidate[]): Problem | null {
  for (const { id, problem, unmeasured, latencyMs } of candidates) {
    const why = problem ?? unmeasured
    if (why !== undefined) return { ...why, where: { stage: id, ...why.where } }
    if ('unavailable' in latencyMs)
      return {
        kind: 'runtime',
        code: 'not-timed',
        what: `The latency of ${id} could not be measured: ${latencyMs.unavailable}`,
        where: { stage: id },
        mend: 'The log has what was noted meanwhile; what the run made is whole and can be exported.',
      }
  }
  return null
}

/** What need not happen a second time; any other problem is there again however often one tries. */
const passing: ReadonlySet<string> = new Set([
  'runtime-killed',
  'runtime-crashed',
  'runtime-timeout',
  'runtime-memory',
  'runtime-start-failed',
])

/** Whether the same run may end better when it is started again as it is. */
export const isPassing = ({ code, kind }: Problem): boolean => passing.has(code) || kind === 'internal'

const waiting = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, { state: 'waiting' as const, report: null }]))

function progressOf(state: RunState, event: Extract<RunEvent, { type: 'progress' }>, now: number) {
  const same = state.progress?.step === event.step && state.progress.stage === event.stage
  return { stage: event.stage, step: event.step, done: event.done, of: event.of, since: same ? state.progress!.since : now }
}

function withCandidate(known: readonly Candidate[], candidate: Candidate): readonly Candidate[] {
  return [...known.filter(({ id }) => id !== candidate.id), candidate]
}

const finishedLine = ({ id, changed, nodes, cached, ms }: StageReport) =>
  changed
    ? `${id}: ${nodes.before === nodes.after ? 'changed,' : `${nodes.before} to`} ${quantity(nodes.after, 'node')}, ${cached ? 'kept from an earlier run' : ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`}`
    : `${id}: nothing to change`

function candidateLine({ id, problem, unmeasured }: Candidate): string {
  const why = problem ?? unmeasured
  return why ? `${id} could not be measured: ${why.what}` : `${id} measured`
}

function failed(
  state: RunState,
  event: Extract<RunEvent, { type: 'failed' }>,
  { log, now }: { readonly log: readonly LogLine[]; readonly now: number },
): RunState {
  const stages = event.stage === null ? state.stages : { ...state.stages, [event.stage]: { state: 'failed' as const, report: null } }
  const status = event.problem.kind === 'cancelled' ? 'cancelled' : 'failed'
  return { ...state, stages, status, problem: status === 'failed' ? event.problem : null, log, progress: null, endedAt: now }
}
