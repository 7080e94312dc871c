import { readFile } from 'node:fs/promises'
import { ProblemError } from '../../api/problem.ts'
import { openLiteRt } from '../litert.ts'
import type { LiteRequest, Outputs } from '../session.ts'
import type { Program } from './program.ts'

/** Runs a `.tflite` file on each set of feeds. */
export const lite: Program<'lite'> = async (request, { progress }) => {
  const session = await attempt(request, async () => openLiteRt(await readFile(request.file)))
  try {
    const results: Outputs[] = []
    for (const [at, feeds] of request.feeds.entries()) {
      progress(at, request.feeds.length)
      results.push(await attempt(request, () => session.run(feeds)))
    }
    return results
  } finally {
    session.close()
  }
}

/** The runtime's refusals, with the file that they are about. */
async function attempt<T>({ file }: LiteRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new ProblemError({
      kind: 'runtime',
      code: 'litert-failed',
      what: `LiteRT cannot run the file: ${(error as Error).message}`,
      where: { file },
      mend: 'Report it with the model it was converted from; the .onnx export is not affected.',
      details: (error as Error).stack,
    })
  }
}
