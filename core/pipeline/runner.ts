import type { Plan } from '../api/answers.ts'
import { type Problem, ProblemError, problemOf } from '../api/problem.ts'
import type { StageReport } from '../api/report.ts'
import type { RunEvent } from '../api/run-event.ts'
import type { Model } from '../ir/model.ts'
import { sourceBorders } from './borders.ts'
import { hopelessStages } from './hopeless.ts'
import type { Place } from './place.ts'
import { pathTo } from './plan.ts'
import { runStage, type Version } from './stage.ts'

export interface PipelineInput {
  readonly plan: Plan
  readonly place: Place
  /** The opened model, frozen. */
  readonly source: Model
  /** Hash of the content of its files. */
  readonly sourceKey: string
  readonly signal: AbortSignal
  readonly say: (event: RunEvent) => void
  /** Hands over what the run makes before it makes it: the maps fill as stages finish. */
  readonly begun?: (outcome: PipelineOutcome) => void
}

export interface PipelineOutcome {
  readonly stages: readonly StageReport[]
  /** Stage id -> what it made; `source` is the opened model. */
  readonly versions: ReadonlyMap<string, Version>
  /** Stage id -> why there is no version of it: its own failure, or that of a stage before it. */
  readonly failures: ReadonlyMap<string, Problem>
}

/**
 * Runs the stages of a plan in order and tells of each. A stage that fails takes those after it along; other branches go on.
 * @throws ProblemError `cancelled`
 */
export async function runPipeline({ plan, place, source, sourceKey, signal, say, begun }: PipelineInput): Promise<PipelineOutcome> {
  const stages: StageReport[] = []
  const versions = new Map<string, Version>([['source', { model: source, borders: sourceBorders, key: sourceKey }]])
  const failures = new Map<string, Problem>()
  const outcome: PipelineOutcome = { stages, versions, failures }
  begun?.(outcome)
  const hopeless = hopelessStages(plan, place, source)
  for (const id of plan.order) {
    const before = plan.before[id]!
    const inherited = failures.get(before) ?? hopeless.get(id)
    if (inherited !== undefined) {
      failures.set(id, inherited)
      continue
    }
    const stage = plan.pipeline.stages.find((candidate) => candidate.id === id)!
    say({ type: 'stage-started', stage: id })
    try {
      if (signal.aborted) throw cancelled(id)
      const progress = (step: string, done: number, of: number) => say({ type: 'progress', stage: id, step, done, of })
      const { version, report } = await runStage({ place, source, parent: versions.get(before)!, stage, signal, progress })
      versions.set(id, version)
      stages.push(report)
      say({ type: 'stage-finished', stage: id, report })
    } catch (error) {
      if (signal.aborted) throw cancelled(id)
      const problem = problemOf(error)
      failures.set(id, { ...problem, where: { ...problem.where, stage: id } })
    }
  }
  return outcome
}

/** The versions on the way to a stage, in order: what lineage is told by. */
export function stepsTo(stage: string, plan: Plan, versions: ReadonlyMap<string, Version>): { stage: string; model: Model }[] {
  return pathTo(stage, plan.before).map((id) => ({ stage: id, model: versions.get(id)!.model }))
}

export function cancelled(stage?: string): ProblemError {
  return new ProblemError({
    kind: 'cancelled',
    code: 'cancelled',
    what: 'The run was cancelled',
    where: stage === undefined ? {} : { stage },
    mend: 'Run it again: stages that were finished are remembered.',
  })
}
