import type { Bench } from '../api/bench.ts'
import type { Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import { generatedData, inputsOf, openData } from '../data/open.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import type { Feeds, Runtime, SessionSpec } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import { weightBytes } from './executed.ts'
import { type Contestant, protocolOf, ratioOf, timeVersions } from './latency.ts'
import { median } from './statistics.ts'
import type { Bench as Workbench } from './version.ts'

export interface BenchModelsRequest {
  readonly runtime: Runtime
  readonly store: Store
  /** Each as its file is: what is timed is the file at `path`. */
  readonly models: readonly { readonly path: string; readonly model: Model }[]
  /** Dataset manifest; inputs are made up without one. */
  readonly manifest: string | null
  /** Samples in one run; 1, or what the models fix, unless given. */
  readonly batches?: readonly number[]
  readonly threads: readonly number[]
  readonly provider: string
  readonly rounds?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: string, done: number, of: number) => void
}

export type BenchFigures = Pick<Bench, 'models' | 'ratios' | 'recommended' | 'protocol'>

const defaultSeed = 7

/** A model on the bench. */
interface Bencher {
  readonly path: string
  readonly model: Model
  readonly samples: Samples
}

/**
 * Times models against the first of them, for every batch and number of threads: latency from interleaved rounds of one process, memory in
 * processes of their own.
 */
export async function benchModels(request: BenchModelsRequest): Promise<BenchFigures> {
  const { seed = defaultSeed, threads, models } = request
  const batches = request.batches ?? [fixedBatch(models[0]?.model) ?? 1]
  const benchers = await Promise.all(
    models.map(async (each) => ({ ...each, samples: await samplesFor(each.model, request, Math.max(...batches)) })),
  )
  const settings = batches.flatMap((batch) => threads.map((count) => ({ batch, threads: count })))
  const parts: BenchFigures[] = []
  for (const [done, setting] of settings.entries()) {
    request.onProgress?.(`batch ${setting.batch}, ${setting.threads} threads`, done, settings.length)
    parts.push(await benchAt(benchers, { ...setting, seed, request }))
  }
  request.onProgress?.('done', settings.length, settings.length)
  const figures = parts.flatMap((part) => part.models)
  return {
    models: figures,
    ratios: parts.flatMap((part) => part.ratios),
    ...(batches.length > 1 ? { recommended: recommend(figures) } : {}),
    protocol: (parts[0] as BenchFigures).protocol,
  }
}

/** Throughput within this share of the best is as good as the best. */
const nearlyBest = 0.95

/** The knee of throughput over batches, for each model and number of threads. */
export function recommend(models: BenchFigures['models']): NonNullable<BenchFigures['recommended']> {
  const series = new Map<string, BenchFigures['models']>()
  for (const model of models) {
    const key = `${model.threads} ${model.path}`
    series.set(key, [...(series.get(key) ?? []), model])
  }
  return [...series.values()].map((points) => {
    const best = Math.max(...points.map(({ throughput }) => throughput))
    const knee = [...points].sort((a, b) => a.batch - b.batch).find(({ throughput }) => throughput >= nearlyBest * best)
    const { path, threads, batch, throughput } = knee ?? (points[0] as BenchFigures['models'][number])
    const because = `the smallest batch with at least ${100 * nearlyBest} % of the best throughput, ${best.toPrecision(4)} samples a second`
    return { path, threads, batch, throughput, because }
  })
}

async function samplesFor(model: Model, { manifest, store, seed = defaultSeed }: BenchModelsRequest, count: number): Promise<Samples> {
  const { graph } = model
  const data = manifest === null ? null : await openData({ manifest, graph, store, seed, halve: false })
  const given = data?.evaluation ?? data?.calibration ?? data?.selection
  return given ?? ((await generatedData({ graph, store, count, seed })).evaluation as Samples)
}

interface Setting {
  readonly batch: number
  readonly threads: number
  readonly seed: number
  readonly request: BenchModelsRequest
}

async function benchAt(benchers: readonly Bencher[], { batch, threads, seed, request }: Setting): Promise<BenchFigures> {
  const { runtime, provider, signal, rounds } = request
  const bench: Workbench = { runtime, provider, threads, ...(signal === undefined ? {} : { control: { signal } }) }
  const contestants: Contestant[] = []
  for (const bencher of benchers) contestants.push(await contestantOf(bencher, batch, bench))
  const expectedMs = rounds === undefined ? await pilot(contestants, bench) : 0
  const timing = await timeVersions(contestants, { bench, seed, expectedMs, ...(rounds === undefined ? {} : { rounds }) })
  const figures: BenchFigures['models'] = []
  for (const [index, { path, model }] of benchers.entries()) {
    const { session, feeds } = contestants[index] as Contestant
    const latencyMs = timing.latency[index] as (typeof timing.latency)[number]
    const [loadMs = 0, firstRunMs = 0] = [timing.loadMs[index], timing.firstRunMs[index]]
    const peakMemoryBytes = await peakOf(session, feeds, bench)
    const throughput = (1000 * batch) / latencyMs.median
    figures.push({ path, batch, threads, latencyMs, throughput, loadMs, firstRunMs, peakMemoryBytes, sizeBytes: bytesOnDisk(model) })
  }
  const baseline = benchers[0]?.path ?? ''
  const ratios = benchers
    .slice(1)
    .map(({ path }, index) => ({ baseline, candidate: path, batch, threads, ...ratioOf(timing, 0, index + 1, seed) }))
  return { models: figures, ratios, protocol: protocolOf(timing, { bench, seed, batch, inputs: benchers[0]?.samples.description ?? '' }) }
}

async function contestantOf({ path, model, samples }: Bencher, batch: number, bench: Workbench): Promise<Contestant> {
  const fixed = fixedBatch(model)
  if (fixed !== null && fixed !== batch) {
    const what = `The model takes exactly ${fixed} sample${fixed === 1 ? '' : 's'} in a run, not ${batch}`
    throw new ProblemError({
      kind: 'input',
      code: 'fixed-batch',
      what,
      where: { file: path },
      mend: 'Ask for that batch, or export the model with a symbolic one.',
    })
  }
  const whole = samples.table.inputs.some((column) => column.whole === true)
  const session: SessionSpec = { model: path, provider: bench.provider, threads: bench.threads, level: 'all' }
  return { session, feeds: await feedsOf(samples.table, 0, whole ? 1 : batch), bytes: weightBytes(model) }
}

/** Samples that a model's inputs ask for in every run; `null` when that is open. */
function fixedBatch(model: Model | undefined): number | null {
  const first = model === undefined ? undefined : inputsOf(model.graph)[0]?.shape?.[0]
  return typeof first === 'number' ? first : null
}

const pilotRounds = 3

/** About how long a round of all takes. */
async function pilot(contestants: readonly Contestant[], bench: Workbench): Promise<number> {
  const request = {
    sessions: contestants.map(({ session }) => session),
    feeds: contestants.map(({ feeds }) => feeds),
    rounds: pilotRounds,
    warmup: 1,
    seed: 1,
  }
  const { runs } = await bench.runtime.time(request, bench.control)
  return runs.reduce((sum, each) => sum + median(each), 0)
}

/** How much of a machine's memory a model takes in a process of its own; unavailable with the reason when that process fails. */
async function peakOf(session: SessionSpec, feeds: Feeds, bench: Workbench): Promise<number | Unavailable> {
  try {
    return (await bench.runtime.memory(session, feeds, bench.control)).peak
  } catch (error) {
    if (error instanceof ProblemError && error.problem.kind !== 'cancelled') return { unavailable: error.problem.what }
    throw error
  }
}

const bytesOnDisk = ({ opened }: Model): number => (opened?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0)
