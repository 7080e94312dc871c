import type { Bench } from '../api/bench.ts'
import type { BenchRequest } from '../api/requests.ts'
import { benchModels } from '../measure/bench.ts'
import type { Control } from './interface.ts'
import { providerOn } from './provider.ts'
import { chosenThreads } from './threads.ts'
import type { Workshop } from './workshop.ts'

/** Times models against the first of them: latency interleaved in one process, memory in processes of their own. */
export async function benchFiles(workshop: Workshop, request: BenchRequest, control: Control = {}): Promise<Bench> {
  const { models, store, runtime } = workshop
  const { threads, batch, sequence, symbol, runs, seed } = request
  const machine = await workshop.machine(true)
  const figures = await benchModels({
    ...{ runtime, store },
    models: request.models.map((name) => models.find(name)).map(({ path, model }) => ({ path, model })),
    manifest: request.data ?? null,
    skipBroken: request.skipBroken ?? false,
    threads: Array.isArray(threads) ? threads.map(chosenThreads) : [chosenThreads(threads)],
    provider: providerOn(machine, request.provider),
    ...(batch === undefined ? {} : { batches: batch }),
    ...(sequence === undefined ? {} : { sequences: sequence }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(runs === undefined ? {} : { rounds: runs }),
    ...(seed === undefined ? {} : { seed }),
    ...(control.signal === undefined ? {} : { signal: control.signal }),
    ...(control.onProgress === undefined ? {} : { onProgress: control.onProgress }),
  })
  return { ...figures, machine }
}
