import { loadLite, telling } from '../litert-session.ts'
import type { Outputs } from '../session.ts'
import type { Program } from './program.ts'

/** Timed runs there are at least, unless they would take longer than this. */
const fewestTimed = 10
const mostTimingMs = 2000

/** Runs a `.tflite` file on each set of feeds, and times all runs but the first. */
export const lite: Program<'lite'> = async (request, { progress }) => {
  const session = await loadLite(request.file)
  try {
    const outputs: Outputs[] = []
    const runMs: number[] = []
    const run = (feeds: (typeof request.feeds)[number]) => telling(request.file, () => session.run(feeds))
    for (const [at, feeds] of request.feeds.entries()) {
      progress(at, request.feeds.length)
      const started = performance.now()
      outputs.push(await run(feeds))
      if (at > 0) runMs.push(performance.now() - started)
    }
    const last = request.feeds.at(-1)
    const began = performance.now()
    while (last !== undefined && runMs.length < fewestTimed && performance.now() - began < mostTimingMs) {
      const started = performance.now()
      await run(last)
      runMs.push(performance.now() - started)
    }
    return { outputs, runMs }
  } finally {
    session.close()
  }
}
