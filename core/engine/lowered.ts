import type { Target } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Borders } from '../pipeline/borders.ts'
import { createWorkbench, type Place } from '../pipeline/place.ts'
import { planOf } from '../pipeline/plan.ts'
import { runPipeline } from '../pipeline/runner.ts'
import { defaultThreads } from './run-place.ts'
import type { Workshop } from './workshop.ts'

export interface Lowered {
  readonly model: Model
  readonly borders: Borders
  readonly notes: readonly string[]
}

/**
 * A version in operators that a target knows, one sample at a time: what an export does to a model that no pipeline prepared for it.
 * Sizes other than that of the batch stay open.
 */
export async function loweredFor(workshop: Workshop, source: Model, target: Target, signal: AbortSignal): Promise<Lowered> {
  const { store, runtime, passes } = workshop
  const workbench = createWorkbench(store)
  const batch = batchSymbols(source)
  const stages = [
    ...(batch.length === 0
      ? []
      : [{ id: 'batch', pass: 'freeze-shapes', options: { sizes: Object.fromEntries(batch.map((symbol) => [symbol, 1])) } }]),
    { id: 'tidy', pass: 'clean-up', options: {} },
    { id: 'fuse', pass: 'fuse', options: {} },
  ]
  const plan = planOf({ document: { lathe: 1, name: 'lower', target, stages }, passes })
  const place: Place = {
    ...{ store, runtime, passes, workbench, target, data: null, cache: false, verify: false, seed: 7, provider: 'cpu' },
    threads: defaultThreads(),
    machine: await workshop.machine(false),
    evaluate: () => Promise.reject(new Error('lowering judges no accuracy')),
  }
  try {
    const say = () => undefined
    const { versions, failures } = await runPipeline({ plan, place, source, sourceKey: '', signal, say })
    for (const problem of failures.values()) throw new ProblemError(problem)
    const { model, borders } = versions.get(plan.leaves[0]!)!
    return { model, borders, notes: batch.length === 0 ? [] : ['The batch is fixed at 1.'] }
  } finally {
    await workbench.remove()
  }
}

/** Symbols that count samples: the open first axes of the inputs. */
function batchSymbols({ graph }: Model): string[] {
  const symbols = graph.inputs.flatMap(({ type }) => {
    const first = type?.kind === 'tensor' ? type.shape?.[0] : undefined
    return typeof first === 'string' ? [first] : []
  })
  return [...new Set(symbols)]
}
