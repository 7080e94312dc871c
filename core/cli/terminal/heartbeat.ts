import type { Progress } from './progress.ts'

/** News later than this makes people wonder whether anything still goes on. */
const everyMs = 10_000

/** A progress that repeats the last label with the seconds that it has lasted, while nothing new is said. */
export function withHeartbeat(progress: Progress, now: () => number = Date.now): Progress {
  let last: { readonly label: string; readonly done: number; readonly of: number; readonly since: number } | null = null
  let timer: ReturnType<typeof setInterval> | null = null
  const beat = () => {
    if (last !== null) progress.at(`${last.label}, ${Math.round((now() - last.since) / 1000)} s`, last.done, last.of)
  }
  const restart = () => {
    if (timer !== null) clearInterval(timer)
    timer = setInterval(beat, everyMs)
    timer.unref()
  }
  return {
    at(label, done, of) {
      last = { label, done, of, since: now() }
      restart()
      progress.at(label, done, of)
    },
    line: (text) => progress.line(text),
    stop() {
      if (timer !== null) clearInterval(timer)
      timer = null
      last = null
      progress.stop()
    },
  }
}
