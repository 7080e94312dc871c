import { type Problem, problemOf } from '../api/problem.ts'
import type { Control } from './interface.ts'
import type { RunBook } from './runs.ts'

/** How work of minutes is told; see `stepsSchema`. */
export type Step<T> =
  | { readonly type: 'waiting' }
  | { readonly type: 'progress'; readonly step: string; readonly done: number; readonly of: number }
  | { readonly type: 'finished'; readonly result: T }
  | { readonly type: 'failed'; readonly problem: Problem }

/**
 * Does work that times something in its turn among the runs, and tells its steps as they happen: of progress the newest only, in the end what
 * was found or why nothing was. A listener that leaves ends the work.
 */
export async function* stepsOf<T>(
  runs: Pick<RunBook, 'alone'>,
  work: (control: Control) => Promise<T>,
  signal?: AbortSignal,
): AsyncGenerator<Step<T>> {
  const left = new AbortController()
  const ends = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
  let newest: Step<T> | null = { type: 'waiting' }
  let last: Step<T> | null = null
  let wake: () => void = () => undefined
  const begin = () => {
    newest = null
    return work({
      signal: ends,
      onProgress(step, done, of) {
        newest = { type: 'progress', step, done, of }
        wake()
      },
    })
  }
  runs
    .alone(begin, ends)
    .then(
      (result) => (last = { type: 'finished', result }),
      (error: unknown) => (last = { type: 'failed', problem: problemOf(error) }),
    )
    .then(() => wake())
  try {
    // What begins at once has not waited.
    await Promise.resolve()
    for (;;) {
      const step: Step<T> | null = newest ?? last
      if (step === null) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      newest = null
      yield step
      if (step === last) return
    }
  } finally {
    left.abort()
  }
}
