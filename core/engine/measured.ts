import { type Problem, ProblemError, sentenceOf } from '../api/problem.ts'
import type { RunRequest } from '../api/requests.ts'
import type { Model } from '../ir/model.ts'
import { type Compared, compareModels } from '../measure/compare.ts'
import type { CandidateBorders } from '../measure/comparison.ts'
import { type Borders, feedsFor, inputSources } from '../pipeline/borders.ts'
import type { Place } from '../pipeline/place.ts'
import type { Version } from '../pipeline/stage.ts'
import { toldProblem } from './told.ts'

export interface MeasureInput {
  readonly place: Place
  readonly source: Model
  readonly version: Version
  readonly request: RunRequest
  readonly signal: AbortSignal
  readonly progress: (step: string, done: number, of: number) => void
}

/** What measuring found; without a protocol nothing was measured. */
export type Measured = Pick<Compared, 'figures' | 'notes'> & {
  readonly protocol: Compared['protocol'] | null
  /** The candidate does not run where its source does. */
  readonly problem?: Problem
  /** What else kept it from being measured. */
  readonly unmeasured?: Problem
}

/** A candidate whose figures are not to be had, with the reason. */
export function notMeasured(reason: string): Measured {
  const unavailable = { unavailable: reason }
  return {
    figures: {
      layers: [],
      accuracy: unavailable,
      latencyMs: unavailable,
      peakMemoryBytes: unavailable,
      energyJoules: unavailable,
      tied: unavailable,
    },
    protocol: null,
    notes: [],
  }
}

/** Measures a version against the opened model that it was made from. What keeps it from being measured is told in place of the figures. */
export async function measureCandidate(input: MeasureInput): Promise<Measured> {
  try {
    return await measure(input)
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.kind === 'cancelled') throw error
    const problem = toldProblem(error.problem, input.place.store.root)
    const measured = { ...notMeasured(problem.what), notes: [`Nothing could be measured. ${sentenceOf(problem)}`] }
    // A candidate that does not run where its source does is of no use; what the source does not run on says nothing of the candidate.
    return problem.code === 'candidate-does-not-run' ? { ...measured, problem } : { ...measured, unmeasured: problem }
  }
}

function measure({ place, source, version, request, signal, progress }: MeasureInput): Promise<Measured> {
  const { runtime, store, samples: data, provider, threads, seed } = place
  return compareModels({
    ...{ runtime, store, data, provider, threads, seed, signal },
    baseline: source,
    candidate: version.model,
    lineage: 'recorded',
    borders: candidateBorders(version.borders),
    ...(request.rounds === undefined ? {} : { rounds: request.rounds }),
    onProgress: progress,
  })
}

/** Borders as measuring wants them. */
export function candidateBorders(borders: Borders): CandidateBorders {
  const names = new Map([...borders.outputs].map(([name, { from }]) => [from, name]))
  return { feeds: (feeds) => feedsFor(feeds, borders), sources: inputSources(borders), output: (name) => names.get(name) ?? name }
}
