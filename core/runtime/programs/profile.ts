import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ProblemError } from '../../api/problem.ts'
import { openSession } from '../ort.ts'
import { kernelTimes, type ProfileEvent, runTimes } from '../profile-events.ts'
import type { Program } from './program.ts'

/** Times every kernel with the runtime's own profiler, which slows small models down: its times are for shares, not for latency. */
export const profile: Program<'profile'> = async ({ session: spec, feeds, runs, warmup, folder }, { progress }) => {
  // A process that was killed in the same work left half of its profile.
  for (const left of await readdir(folder)) await rm(join(folder, left))
  const session = await openSession(spec, { enableProfiling: true, profileFilePrefix: join(folder, 'profile') })
  const prepared = session.prepare(feeds)
  for (let run = 0; run < warmup + runs; run++) {
    await session.runOnly(prepared)
    progress(run + 1, warmup + runs)
  }
  session.endProfiling()
  await session.release()
  const events = await eventsIn(folder, spec.model)
  return { runs: runTimes(events, warmup), kernels: kernelTimes(events, warmup) }
}

async function eventsIn(folder: string, model: string): Promise<readonly ProfileEvent[]> {
  const [file] = await readdir(folder)
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
  try {
    return JSON.parse(text) as ProfileEvent[]
  } catch (error) {
    throw new ProblemError({
      kind: 'runtime',
      code: 'profile-unreadable',
      what: `The profile of onnxruntime is no JSON: ${(error as Error).message}`,
      where: { file: model },
      mend: 'Try with fewer runs; a full disk cuts the profile short.',
    })
  }
}
