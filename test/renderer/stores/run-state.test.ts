import { expect, it } from 'vitest'
import type { Problem } from '../../../core/api/problem.ts'
import type { Candidate, Report, StageReport } from '../../../core/api/report.ts'
import type { RunEvent } from '../../../core/api/run-event.ts'
import { afterEvent, isPassing, noRun, type RunState, shareOf } from '../../../renderer/stores/run-state.ts'

const report: StageReport = {
  id: 'tidy',
  pass: 'clean-up',
  changed: true,
  ms: 300,
  cached: false,
  nodes: { before: 379, after: 165 },
  bytes: { before: 4, after: 4 },
  changes: [],
  verification: { verdict: 'passed', fidelity: 'exact', maxAbs: 0, cosine: 1, samples: 8 },
  notes: [],
}
const problem = (kind: Problem['kind']): Problem => ({ kind, code: 'x', what: 'It broke', where: {}, mend: 'Mend it.' })
const fold = (...events: RunEvent[]): RunState => events.reduce((state, event, at) => afterEvent(state, event, at * 100), noRun)
const started: RunEvent = { type: 'started', run: 'r', stages: ['tidy', 'int8'], leaves: ['int8'] }

it('goes through its stages', () => {
  const state = fold(started, { type: 'stage-started', stage: 'tidy' }, { type: 'stage-finished', stage: 'tidy', report })
  expect(state.status).toBe('running')
  expect(state.stages).toMatchObject({ tidy: { state: 'done', report: { nodes: { after: 165 } } }, int8: { state: 'waiting' } })
  expect(state.log.at(-1)?.text).toContain('379 to 165 nodes')
})

it('tells how far it is as one share of all', () => {
  const step: RunEvent = { type: 'progress', stage: 'int8', step: 'layers', done: 1, of: 2 }
  expect(shareOf(noRun)).toBeNull()
  expect(shareOf({ ...noRun, status: 'starting' })).toBe(-1)
  const half = [started, { type: 'stage-finished', stage: 'tidy', report }, { type: 'stage-started', stage: 'int8' }, step] as const
  expect(shareOf(fold(started))).toBe(0)
  expect(shareOf(fold(...half))).toBe(1.5 / 3)
  expect(shareOf({ ...fold(...half), status: 'cancelled' })).toBeNull()
})

it('keeps the time at which a step began, for the time that is left', () => {
  const step = (done: number): RunEvent => ({ type: 'progress', stage: 'tidy', step: 'trials', done, of: 40 })
  expect(fold(started, step(1), step(2), step(12)).progress).toMatchObject({ done: 12, of: 40, since: 100 })
})

it('says of a finished run whose runtime died while it measured that there is no latency', () => {
  const candidate = (latencyMs: object) => ({ id: 'int8', latencyMs }) as Candidate
  const ended = (latencyMs: object) =>
    fold(started, { type: 'finished', report: { candidates: [candidate(latencyMs)] } as unknown as Report })
  const state = ended({ unavailable: "The system ended the runtime in 'time'" })
  expect(state).toMatchObject({ status: 'finished', problem: { code: 'not-timed', where: { stage: 'int8' } } })
  expect(state.problem?.what).toContain("The system ended the runtime in 'time'")
  expect(ended({ ratio: 0.5 }).problem).toBeNull()
})

it('tells of a source that does not run what is wrong with it and its own mend, and of a candidate that is none likewise', () => {
  const why = { ...problem('runtime'), code: 'baseline-does-not-run', what: 'The baseline does not run: no kernel', where: { node: 'n' } }
  const ended = (candidate: object) => {
    const report = { candidates: [{ id: 'int8', latencyMs: { unavailable: why.what }, ...candidate }] } as unknown as Report
    return fold(started, { type: 'finished', report }).problem
  }
  expect(ended({ unmeasured: why })).toEqual({ ...why, where: { stage: 'int8', node: 'n' } })
  expect(ended({ problem: why })).toEqual({ ...why, where: { stage: 'int8', node: 'n' } })
  expect(isPassing(why)).toBe(false)
  expect(isPassing({ ...why, code: 'runtime-killed' })).toBe(true)
})

it('tells a failure from a cancellation', () => {
  const failed = fold(started, { type: 'failed', stage: 'int8', problem: problem('runtime') })
  expect(failed).toMatchObject({ status: 'failed', problem: { what: 'It broke' }, stages: { int8: { state: 'failed' } } })
  const cancelled = fold(started, { type: 'failed', stage: 'int8', problem: problem('cancelled') })
  expect(cancelled).toMatchObject({ status: 'cancelled', problem: null })
})
