import type { Plan } from '../api/answers.ts'
import type { Machine } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { PlanRequest, VersionRequest } from '../api/requests.ts'
import type { Step } from '../diff/history.ts'
import type { Model } from '../ir/model.ts'
import type { Pass } from '../pass.ts'
import { type Borders, sourceBorders } from '../pipeline/borders.ts'
import { stepsTo } from '../pipeline/runner.ts'
import { installedRuntime } from '../runtime/installed.ts'
import { describeMachine } from '../runtime/machine.ts'
import type { Runtime } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { OpenedModel, OpenModels } from './models.ts'
import { planFor } from './pipelines.ts'
import type { KnownRun } from './run.ts'

/** Runs whose versions can still be looked at. */
const keptRuns = 8

/** A version that a request names, and the way to it. */
export interface Found {
  readonly source: OpenedModel
  readonly model: Model
  /** Empty for the source. */
  readonly steps: readonly Step[]
  readonly borders: Borders
}

export interface WorkshopParts {
  readonly store: Store
  readonly runtime: Runtime
  readonly models: OpenModels
  readonly passes: readonly Pass[]
  readonly version: string
  readonly clock: () => Date
}

/** What all calls of an engine work with. */
export class Workshop {
  readonly store: Store
  readonly runtime: Runtime
  readonly passes: readonly Pass[]
  readonly version: string
  readonly clock: () => Date
  readonly models: OpenModels
  readonly #runs = new Map<string, KnownRun>()

  constructor(parts: WorkshopParts) {
    this.store = parts.store
    this.runtime = parts.runtime
    this.models = parts.models
    this.passes = parts.passes
    this.version = parts.version
    this.clock = parts.clock
  }

  plan(request: PlanRequest): Plan {
    return planFor(request, this.passes)
  }

  /** @param start whether the runtime may be started to ask it what it can do */
  async machine(start: boolean): Promise<Machine> {
    return describeMachine(start ? await this.runtime.info() : installedRuntime())
  }

  /** Keeps the versions of a run for graph views, diffs and exports; the oldest run goes when there are many. */
  remember(run: string, known: KnownRun): void {
    this.#runs.set(run, known)
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > keptRuns && oldest !== undefined) this.#runs.delete(oldest)
  }

  /** What a run has made so far, as long as it is remembered. */
  run(id: string | undefined): KnownRun | null {
    return (id === undefined ? undefined : this.#runs.get(id)) ?? null
  }

  /**
   * @param purpose `look`: a `.tflite` file will do
   * @throws ProblemError when the model, run or stage does not exist
   */
  find(request: VersionRequest & { readonly confirm?: string[] }, purpose: 'work' | 'look' = 'work'): Found {
    const { model, run, stage } = request
    if (run === undefined || stage === undefined || stage === 'source') {
      const source = this.models.find(model, request.confirm, purpose)
      return { source, model: source.model, steps: [], borders: sourceBorders }
    }
    const known = this.#runs.get(run)
    if (known === undefined) throw unknown(`There is no run '${run}' any more`, 'Run the pipeline again: what was finished is remembered.')
    const { plan, outcome, source } = known
    const version = outcome.versions.get(stage)
    if (version === undefined) {
      const failure = outcome.failures.get(stage)
      if (failure !== undefined) throw new ProblemError(failure)
      throw unknown(`Run '${run}' has no stage '${stage}'`, `Its stages are ${plan.order.join(', ')}.`)
    }
    return { source, model: version.model, steps: stepsTo(stage, plan, outcome.versions), borders: version.borders }
  }
}

function unknown(what: string, mend: string): ProblemError {
  return new ProblemError({ kind: 'input', code: 'unknown-version', what, where: {}, mend })
}
