import type { Target } from '../api/pipeline.ts'
import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import type { Borders } from '../pipeline/borders.ts'
import { createWorkbench, type Place } from '../pipeline/place.ts'
import { planOf } from '../pipeline/plan.ts'
import { runPipeline } from '../pipeline/runner.ts'
import { type Sizes, sizesNote } from './fixed-sizes.ts'
import { defaultThreads } from './threads.ts'
import type { Workshop } from './workshop.ts'

export interface Lowered {
  readonly model: Model
  readonly borders: Borders
  readonly notes: readonly string[]
}

export interface Lowering {
  readonly source: Model
  readonly target: Target
  /** Sizes of open symbols of the inputs; others stay open. */
  readonly sizes: Sizes
}

/** A version in operators that a target knows: what an export does to a model that no pipeline prepared for it. */
export async function loweredFor(workshop: Workshop, { source, target, sizes }: Lowering, signal: AbortSignal): Promise<Lowered> {
  const { store, runtime, passes } = workshop
  const workbench = createWorkbench(store)
  const stages = [
    ...(Object.keys(sizes).length === 0 ? [] : [{ id: 'sizes', pass: 'freeze-shapes', options: { sizes } }]),
    { id: 'tidy', pass: 'clean-up', options: {} },
    { id: 'fuse', pass: 'fuse', options: {} },
  ]
  const plan = planOf({ document: { lathe: 1, name: 'lower', target, stages }, passes })
  const place: Place = {
    ...{ store, runtime, passes, workbench, target, data: null, samples: null, cache: false, verify: false, seed: 7, provider: 'cpu' },
    threads: defaultThreads(),
    machine: await workshop.machine(false),
    evaluate: () => Promise.reject(new Error('lowering judges no accuracy')),
  }
  try {
    const say = () => undefined
    const { versions, failures } = await runPipeline({ plan, place, source, sourceKey: '', signal, say })
    for (const problem of failures.values()) throw new ProblemError(problem)
    const { model, borders } = versions.get(plan.leaves[0]!)!
    return { model, borders, notes: sizesNote(source, sizes) }
  } finally {
    await workbench.remove()
  }
}
