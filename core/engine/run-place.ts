import type { Plan } from '../api/answers.ts'
import type { RunRequest } from '../api/requests.ts'
import { openData, type SampleData } from '../data/open.ts'
import { defaultSeed } from '../data/random.ts'
import { createWorkbench, type Place } from '../pipeline/place.ts'
import { contentHash } from './content-hash.ts'
import { evaluator } from './evaluate.ts'
import { generatedFor } from './generated.ts'
import type { OpenedModel } from './models.ts'
import { providerOn } from './provider.ts'
import { chosenThreads } from './threads.ts'
import type { Workshop } from './workshop.ts'

/** Everything that one run works with. */
export interface RunPlace {
  readonly place: Place
  readonly source: OpenedModel
  /** sha256 of the opened file; on its way while the passes run, unless results are remembered by it. */
  readonly hash: Promise<string>
  readonly sourceKey: string
  readonly measure: boolean
  readonly dataText: string
  readonly notes: readonly string[]
  close(): Promise<void>
}

export async function openPlace(workshop: Workshop, request: RunRequest, plan: Plan, signal: AbortSignal): Promise<RunPlace> {
  const { store, runtime, passes } = workshop
  const threads = chosenThreads(request.threads)
  const source = workshop.models.find(request.model, request.confirm)
  const measure = request.measure ?? true
  const verify = measure && (request.verify ?? true)
  const cache = request.cache ?? true
  const seed = request.seed ?? defaultSeed
  const hash = contentHash(source.model, store)
  // It is awaited late; until then its failure must not end the process.
  hash.catch(() => undefined)
  const data = request.data
    ? await openData({ manifest: request.data, graph: source.model.graph, store, seed, skipBroken: request.skipBroken ?? false })
    : null
  const workbench = createWorkbench(store)
  const machine = await workshop.machine(measure || verify)
  const session = { provider: providerOn(machine, request.provider), threads }
  const bench = { store, runtime, workbench, seed, ...session }
  const samples = data ?? (measure || verify ? await generatedFor(source.model, bench, signal) : null)
  const place: Omit<Place, 'evaluate'> = {
    ...{ ...bench, passes, data, samples, cache, verify },
    machine,
    target: plan.pipeline.target,
  }
  return {
    place: { ...place, evaluate: evaluator(place, source.model) },
    source,
    hash,
    sourceKey: cache ? await hash : 'not remembered',
    measure,
    dataText: dataText(request.data ?? null, data),
    notes: [...source.warnings.map(({ what }) => `${what}.`), ...((data ?? samples)?.notes ?? []), ...(verify ? [] : [unchecked(measure)])],
    close: () => workbench.remove(),
  }
}

const unchecked = (measure: boolean): string =>
  `Outputs were not compared after the passes: ${measure ? 'that was turned off' : 'without measuring nothing is run for that either'}.`

function dataText(manifest: string | null, data: SampleData | null): string {
  if (manifest === null || data === null) return 'no dataset: generated inputs'
  const parts = [data.evaluation, data.calibration, data.selection].flatMap((samples) =>
    samples === null ? [] : [`${samples.description}: ${samples.table.count}`],
  )
  return `${manifest} (${parts.join('; ')})`
}
