import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../../core/api/problem.ts'
import { writeModel } from '../../core/onnx/write.ts'
import type { Runtime } from '../../core/runtime/session.ts'
import { modelOf } from '../../test/support/graph.ts'

/** First and last version of the standard operator set with an operator; `last` is null while the newest has it. */
export interface Lifetime {
  readonly first: number
  readonly last: number | null
}

const oldest = 7

/** Asks the runtime in which versions it knows an operator. @param newest the newest version that the runtime loads */
export async function lifetimeOf(runtime: Runtime, op: string, newest: number): Promise<Lifetime | null> {
  const known: number[] = []
  for (let opset = oldest; opset <= newest; opset++) if (await knows(runtime, op, opset)) known.push(opset)
  const [first] = known
  const last = known.at(-1)
  if (first === undefined || last === undefined) return null
  return { first, last: last === newest ? null : last }
}

/** The newest version of the standard operator set that the runtime loads. */
export async function newestOpset(runtime: Runtime): Promise<number> {
  let newest = oldest
  while (await knows(runtime, 'Identity', newest + 1)) newest += 1
  return newest
}

/** An operator without its inputs is refused for that; an unknown one because it is unknown. */
async function knows(runtime: Runtime, op: string, opset: number): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-kernels-'))
  try {
    const model = join(folder, 'model.onnx')
    await writeModel(modelOf(`opset ${opset}\n() -> (y)\ny = ${op}()`), model)
    await runtime.execute({ session: { model, provider: 'cpu', threads: 1, level: 'disabled' }, feeds: {}, wanted: [] })
    return true
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return !/is not a registered function\/op|No Op registered|only \*guarantees\* support|deprecated/.test(error.problem.details ?? '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
