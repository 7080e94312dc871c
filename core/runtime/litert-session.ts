import { readFile } from 'node:fs/promises'
import { ProblemError } from '../api/problem.ts'
import { type LiteRtSession, openLiteRt } from './litert.ts'
import { openSession, type Prepared, type Session } from './ort.ts'
import { type Feeds, litertProvider, type SessionSpec } from './session.ts'

/** A session of the runtime that a spec asks for: LiteRT for `.tflite` files, ONNX Runtime otherwise. */
export const openAny = (spec: SessionSpec): Promise<Session> =>
  spec.provider === litertProvider ? openLiteSession(spec) : openSession(spec)

/** Loads a `.tflite` file. @throws ProblemError with the runtime's message */
export const loadLite = (file: string): Promise<LiteRtSession> => telling(file, async () => openLiteRt(await readFile(file)))

/** A loaded `.tflite` file behind the interface of a session, so that samples and reducers pass through it as through any other. */
async function openLiteSession(spec: SessionSpec): Promise<Session> {
  const { inputs, outputs, run, close } = await loadLite(spec.model)
  // Feeds need no other form here; what `prepare` gives is opaque to everyone else.
  const feedsIn = (prepared: Prepared): Feeds => prepared as unknown as Feeds
  return {
    spec,
    inputs,
    outputs,
    prepare: (feeds) => feeds as unknown as Prepared,
    async run(prepared, wanted) {
      const found = await telling(spec.model, () => run(feedsIn(prepared)))
      return wanted.length === 0 ? found : Object.fromEntries(Object.entries(found).filter(([name]) => wanted.includes(name)))
    },
    async runOnly(prepared) {
      await telling(spec.model, () => run(feedsIn(prepared)))
    },
    endProfiling: () => undefined,
    release: async () => close(),
  }
}

/** The runtime's refusals, with the file that they are about. */
export async function telling<T>(file: string, work: () => Promise<T>): Promise<T> {
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
