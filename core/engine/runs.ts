import { randomUUID } from 'node:crypto'
import type { PlacedEvent, RunSummary } from '../api/contract.ts'
import { isHandle } from '../api/handle.ts'
import { ProblemError, problemOf } from '../api/problem.ts'
import type { Report } from '../api/report.ts'
import type { RunRequest } from '../api/requests.ts'
import type { RunEvent } from '../api/run-event.ts'
import { cancelled } from '../pipeline/runner.ts'
import type { Engine } from './interface.ts'

/** An event, and milliseconds since the run was asked for. */
interface Said {
  readonly event: RunEvent
  readonly ms: number
}

/** Runs that are kept after their end; then the oldest is forgotten. */
const keptRuns = 24

/** One run with everything it has said so far, so that a window may come late or come back. */
class Run {
  readonly id = randomUUID()
  readonly request: RunRequest
  /** File of the model. */
  readonly path: string
  readonly abort = new AbortController()
  readonly startedAt = new Date()
  readonly events: Said[] = []
  state: RunSummary['state'] = 'waiting'
  endedAt: Date | null = null
  report: Report | null = null
  stages: string[] = []
  leaves: string[] = []
  readonly #waiting = new Set<() => void>()

  constructor(request: RunRequest, path: string) {
    this.request = request
    this.path = path
  }

  get ended(): boolean {
    return this.endedAt !== null
  }

  /** Counts what was said and done, so that a listener knows whether there is news. */
  said = 0

  say(event: RunEvent): void {
    if (event.type === 'started') Object.assign(this, { stages: event.stages, leaves: event.leaves })
    if (event.type === 'finished') this.report = event.report
    // Progress is worth nothing once there is newer progress.
    const last = this.events.at(-1)?.event
    const said = { event, ms: Date.now() - this.startedAt.getTime() }
    if (event.type === 'progress' && last?.type === 'progress' && last.stage === event.stage && last.step === event.step)
      this.events[this.events.length - 1] = said
    else this.events.push(said)
    this.#wake()
  }

  end(state: RunSummary['state']): void {
    this.state = state
    this.endedAt = new Date()
    this.#wake()
  }

  /** Resolves when something was said, or the run ended, or the listener left. */
  next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  #wake(): void {
    this.said += 1
    for (const wake of [...this.#waiting]) wake()
  }
}

/** The runs of an engine: started at once or queued (timing needs the machine for itself), heard by any number of listeners. */
export class RunBook {
  readonly #engine: Engine
  readonly #runs = new Map<string, Run>()
  #queue: Promise<void> = Promise.resolve()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The run holds its model, so that no window can close it under the run. @throws ProblemError when the model is not open */
  async start(request: RunRequest): Promise<string> {
    const path = isHandle(request.model) ? (await this.#engine.reopen(request.model)).path : request.model
    const run = new Run(request, path)
    const before = [...this.#runs.values()].some(({ ended }) => !ended)
    this.#runs.set(run.id, run)
    this.#forgetOldest()
    if (before) run.say({ type: 'progress', stage: null, step: 'waiting for the run before it', done: 0, of: 0 })
    this.#queue = this.#queue.then(() => this.#perform(run))
    return run.id
  }

  /** Other work that times something, in its turn among the runs. @throws ProblemError `cancelled` where nobody waits for it any more */
  alone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#queue.then(() => {
      if (signal?.aborted) throw cancelled()
      return work()
    })
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  cancel(id: string): void {
    this.#find(id).abort.abort()
  }

  list(): RunSummary[] {
    return [...this.#runs.values()].reverse().map((run) => ({
      run: run.id,
      model: run.request.model,
      path: run.path,
      pipeline: typeof run.request.pipeline === 'string' ? run.request.pipeline : run.request.pipeline.name,
      document: typeof run.request.pipeline === 'string' ? null : run.request.pipeline,
      data: run.request.data ?? null,
      state: run.state,
      startedAt: run.startedAt.toISOString(),
      ms: (run.endedAt ?? new Date()).getTime() - run.startedAt.getTime(),
      stages: run.stages,
      leaves: run.leaves,
    }))
  }

  /** @throws ProblemError when the run has none (yet) */
  report(id: string): Report {
    const run = this.#find(id)
    if (run.report !== null) return run.report
    throw new ProblemError({
      kind: 'input',
      code: 'no-report',
      what: run.ended ? 'This run ended without a report' : 'This run has no report yet',
      where: {},
      mend: run.ended ? 'Look at its last event for the reason.' : 'Wait for its `finished` event.',
    })
  }

  /** Everything from the event after `after` on, until the run ends. */
  events(id: string, after = -1, signal?: AbortSignal): AsyncGenerator<PlacedEvent> {
    return eventsOf(this.#find(id), after, signal)
  }

  /** Ends everything that still runs. */
  close(): void {
    for (const run of this.#runs.values()) if (!run.ended) run.abort.abort()
  }

  async #perform(run: Run): Promise<void> {
    if (run.abort.signal.aborted) {
      run.say({ type: 'failed', stage: null, problem: cancelled().problem })
      return run.end('cancelled')
    }
    run.state = 'running'
    try {
      await this.#engine.run(run.request, { run: run.id, signal: run.abort.signal, onEvent: (event) => run.say(event) })
      run.end('finished')
    } catch (error) {
      const problem = problemOf(error)
      // The engine says `failed` for what goes wrong while it runs; what goes wrong before is said here.
      if (run.events.at(-1)?.event.type !== 'failed') run.say({ type: 'failed', stage: problem.where.stage ?? null, problem })
      run.end(problem.kind === 'cancelled' ? 'cancelled' : 'failed')
    }
  }

  #forgetOldest(): void {
    const ended = [...this.#runs.values()].filter((run) => run.ended)
    for (const run of ended.slice(0, Math.max(0, ended.length - keptRuns))) {
      this.#runs.delete(run.id)
      if (isHandle(run.request.model)) this.#engine.forget(run.request.model)
    }
  }

  #find(id: string): Run {
    const run = this.#runs.get(id)
    if (run !== undefined) return run
    throw new ProblemError({
      kind: 'input',
      code: 'unknown-run',
      what: `There is no run '${id}'`,
      where: {},
      mend: 'Ask for the list of runs; they are forgotten when the engine ends.',
    })
  }
}

async function* eventsOf(run: Run, after: number, signal?: AbortSignal): AsyncGenerator<PlacedEvent> {
  let at = after + 1
  let sent = run.events[after]
  while (signal?.aborted !== true) {
    const said = run.said
    // The event that was sent last may have given way to newer progress.
    const previous = run.events[at - 1]
    if (previous !== undefined && previous !== sent) {
      sent = previous
      yield { at: at - 1, ...previous }
    }
    for (; at < run.events.length; at++) {
      sent = run.events[at]!
      yield { at, ...sent }
    }
    if (run.ended && run.said === said) return
    if (run.said === said) await run.next(signal)
  }
}
