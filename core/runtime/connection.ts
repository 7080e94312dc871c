import { type Place, ProblemError } from '../api/problem.ts'
import { type Answer, memoryLimitMark, type Order, type ProgramName } from './messages.ts'
import type { RunControl, RuntimePort } from './session.ts'
import { timeLimitVariable } from './time-limit.ts'

/** One runtime process. Programs run one at a time; a second call before the first is answered is the caller's mistake. */
export interface Connection {
  readonly alive: boolean
  /** @throws ProblemError when the program fails, is cancelled, runs out of time, or its process dies */
  call(call: Call, control: RunControl): Promise<unknown>
  kill(): void
}

export interface Call {
  readonly program: ProgramName
  readonly request: unknown
  /** The model of the request, for problems. */
  readonly model: string | undefined
}

/** A call that is waiting for its answer. */
interface Pending {
  readonly id: number
  readonly call: Call
  progress(done: number, of: number): void
  resolve(result: unknown): void
  reject(problem: ProblemError): void
}

/** @param memoryLimit bytes of resident size at which the process ends itself */
export function connect(port: RuntimePort, memoryLimit: number): Connection {
  let alive = true
  let last = 0
  let pending: Pending | null = null

  const settle = (): Pending | null => {
    const settled = pending
    pending = null
    return settled
  }
  const kill = () => {
    alive = false
    port.kill()
  }
  port.onMessage((message) => {
    const answer = message as Answer
    if (pending === null || answer.id !== pending.id) return
    if (answer.type === 'progress') pending.progress(answer.done, answer.of)
    else if (answer.type === 'done') settle()?.resolve(answer.result)
    else settle()?.reject(new ProblemError(answer.problem))
  })
  port.onExit((exit) => {
    alive = false
    const died = settle()
    died?.reject(deathOf(exit, died.call, memoryLimit))
  })
  port.post({ type: 'limit-memory', bytes: memoryLimit } satisfies Order)

  return {
    get alive() {
      return alive
    },
    kill,
    async call(call, control) {
      if (!alive) throw deathOf({ code: null, signal: null, stderr: '' }, call, memoryLimit)
      last += 1
      const id = last
      const giveUp = (problem: ProblemError) => {
        kill()
        settle()?.reject(problem)
      }
      const limits = watchLimits(call, control, giveUp)
      try {
        return await new Promise((resolve, reject) => {
          const progress = (done: number, of: number) => {
            limits.renew()
            control.onProgress?.(done, of)
          }
          pending = { id, call, progress, resolve, reject }
          port.post({ type: 'run', id, program: call.program, request: call.request } satisfies Order)
        })
      } finally {
        limits.end()
      }
    },
  }
}

/** Gives up when the caller cancels, or time is over that begins anew with every sign of progress; until told to end. */
function watchLimits(call: Call, { signal, timeout }: RunControl, giveUp: (problem: ProblemError) => void): { renew(): void; end(): void } {
  const onAbort = () => giveUp(cancelled(call))
  const timer = timeout === undefined ? undefined : setTimeout(() => giveUp(tooLate(call, timeout)), timeout)
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    renew: () => timer?.refresh(),
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

const placeOf = ({ model }: Call): Place => (model === undefined ? {} : { file: model })

export const cancelled = (call: Call): ProblemError =>
  new ProblemError({
    kind: 'cancelled',
    code: 'cancelled',
    what: `'${call.program}' was cancelled`,
    where: placeOf(call),
    mend: 'Start it again.',
  })

const tooLate = (call: Call, timeout: number): ProblemError =>
  new ProblemError({
    kind: 'runtime',
    code: 'runtime-timeout',
    what: `${call.program === 'optimize' ? 'onnxruntime did not finish optimizing the model' : 'One run of the model did not end'} within ${timeout / 1000} s ('${call.program}')`,
    where: placeOf(call),
    mend: `Allow more time with ${timeLimitVariable}=SECONDS in the environment, or go without what runs the model (--no-measure).`,
  })

const doing: Readonly<Record<ProgramName, string>> = {
  info: 'said what it can do',
  execute: 'ran the model',
  observe: 'observed values of the model',
  time: 'timed the model',
  profile: 'profiled the model',
  optimize: 'optimized the model',
  lite: 'ran the .tflite file',
  memory: 'measured the memory of the model',
}

type Exit = { readonly code: number | null; readonly signal: string | null; readonly stderr: string }

/** Why the process ended, as far as the system tells. */
function deathOf({ code, signal, stderr }: Exit, call: Call, memoryLimit: number): ProblemError {
  const passed = stderr.lastIndexOf(memoryLimitMark)
  const details = stderr.trim() === '' ? {} : { details: stderr.trim() }
  const problem = { kind: 'runtime', where: placeOf(call), ...details } as const
  if (passed >= 0) {
    const bytes = Number(stderr.slice(passed + memoryLimitMark.length).split('\n')[0])
    return new ProblemError({
      ...problem,
      code: 'runtime-memory',
      what: `The runtime took ${gigabytes(bytes)} in '${call.program}'; it may take ${gigabytes(memoryLimit)}`,
      mend: 'Use a smaller batch, observe fewer values at a time, or allow more memory.',
    })
  }
  if (signal === 'SIGKILL') {
    return new ProblemError({
      ...problem,
      code: 'runtime-killed',
      what: `The runtime process was killed (${signal}) while it ${doing[call.program]}`,
      mend: 'Do it again. Where nobody ended the process, the system did for lack of memory: free some, or use a smaller batch.',
    })
  }
  return new ProblemError({
    ...problem,
    code: 'runtime-crashed',
    what: `The runtime died in '${call.program}' (${signal ?? (code === null ? 'no reason known' : `exit code ${code}`)})`,
    mend: 'Try the model at a lower optimization level; the details hold what the runtime said last.',
  })
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
