import type { Bench } from '../api/bench.ts'
import type { Unavailable } from '../api/measurement.ts'
import { type Problem, ProblemError } from '../api/problem.ts'
import { generatedData, inputsOf, openData } from '../data/open.ts'
import { defaultSeed } from '../data/random.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import { lengthSymbols, sequenceSymbol } from '../data/sequence.ts'
import type { Model } from '../ir/model.ts'
import type { Feeds, Runtime, SessionSpec } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import { energyOf } from './energy.ts'
import { weightBytes } from './executed.ts'
import { type Contestant, protocolOf, ratioOf, timeVersions } from './latency.ts'
import { noiseNotes } from './noise.ts'
import { recommend } from './recommend.ts'
import { median } from './statistics.ts'
import type { Bench as Workbench } from './version.ts'

export interface BenchModelsRequest {
  readonly runtime: Runtime
  readonly store: Store
  /** Each as its file is: what is timed is the file at `path`. */
  readonly models: readonly { readonly path: string; readonly model: Model }[]
  /** Dataset manifest; inputs are made up without one. */
  readonly manifest: string | null
  /** Leave broken samples out. */
  readonly skipBroken?: boolean
  /** Samples in one run; 1, or what the models fix, unless given. */
  readonly batches?: readonly number[]
  /** Lengths of the inputs, which are made up then. */
  readonly sequences?: readonly number[]
  /** Symbol of the inputs' shapes that `sequences` is about; found in each model unless given. */
  readonly symbol?: string
  readonly threads: readonly number[]
  readonly provider: string
  readonly rounds?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: string, done: number, of: number) => void
}

export type BenchFigures = Omit<Bench, 'machine'>

/** A point of a sweep. */
interface Setting {
  readonly batch: number
  readonly threads: number
  readonly sequence?: number
}

type Point = Pick<BenchFigures, 'models' | 'ratios' | 'protocol' | 'notes'>

/**
 * Times models against the first of them, for every batch, length and number of threads: latency from interleaved rounds of one process,
 * memory in processes of their own. A point of a sweep at which something fails is told in `failed`, the others stand.
 * @throws ProblemError when no point could be timed
 */
export async function benchModels(request: BenchModelsRequest): Promise<BenchFigures> {
  const batches = request.batches ?? [fixedBatch(request.models[0]?.model) ?? 1]
  const lengths: readonly (number | undefined)[] = request.sequences ?? [undefined]
  const settings = lengths.flatMap((sequence) =>
    batches.flatMap((batch) =>
      request.threads.map((threads): Setting => ({ batch, threads, ...(sequence === undefined ? {} : { sequence }) })),
    ),
  )
  const samplesFor = samplesBy(request, Math.max(...batches))
  const points: Point[] = []
  const failed: (Setting & { readonly problem: Problem })[] = []
  for (const [done, setting] of settings.entries()) {
    request.onProgress?.(settingText(setting), done, settings.length)
    try {
      points.push(await benchAt(setting, request, samplesFor, settings.length > 1))
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.kind === 'cancelled') throw error
      failed.push({ ...setting, problem: error.problem })
    }
  }
  request.onProgress?.('done', settings.length, settings.length)
  const [first] = points
  if (first === undefined) throw new ProblemError(failed[0]!.problem)
  const models = points.flatMap((point) => point.models)
  const recommended = recommend(models)
  return {
    models,
    ratios: points.flatMap((point) => point.ratios),
    ...(recommended.length > 0 ? { recommended } : {}),
    failed,
    notes: [...new Set(points.flatMap((point) => point.notes))],
    protocol: first.protocol,
  }
}

const settingText = ({ batch, threads, sequence }: Setting): string =>
  [`batch ${batch}`, ...(sequence === undefined ? [] : [`length ${sequence}`]), `${threads} thread${threads === 1 ? '' : 's'}`].join(', ')

interface Given {
  readonly samples: Samples
  /** What was done to the samples, or left out. */
  readonly notes: readonly string[]
}

type SamplesFor = (model: { readonly path: string; readonly model: Model }, sequence: number | undefined) => Promise<Given>

/** Samples for models, made once for each length. */
function samplesBy(
  { manifest, skipBroken = false, store, sequences, symbol, seed = defaultSeed }: BenchModelsRequest,
  count: number,
): SamplesFor {
  if (manifest !== null && sequences !== undefined)
    throw new ProblemError({
      kind: 'usage',
      code: 'lengths-of-data',
      what: 'Samples of a dataset have their lengths already',
      where: { file: manifest },
      mend: 'Leave out either --data or --sequence.',
    })
  const made = new Map<string, Promise<Given>>()
  const make = async ({ path, model: { graph } }: { path: string; model: Model }, sequence: number | undefined): Promise<Given> => {
    if (manifest !== null) {
      const data = await openData({ manifest, graph, store, seed, skipBroken, halve: false })
      const given = data.evaluation ?? data.calibration ?? data.selection
      if (given !== null) return { samples: given, notes: data.notes }
    }
    const sizes = new Map(sequence === undefined ? [] : [[symbolOf(graph, path, symbol), sequence]])
    return { samples: (await generatedData({ graph, store, count, seed, sizes })).evaluation as Samples, notes: [] }
  }
  return (each, sequence) => {
    const key = `${sequence} ${each.path}`
    const known = made.get(key) ?? make(each, sequence)
    made.set(key, known)
    return known
  }
}

function symbolOf(graph: Model['graph'], file: string, wanted: string | undefined): string {
  const inputs = inputsOf(graph)
  if (wanted === undefined) return sequenceSymbol(inputs, file)
  const symbols = lengthSymbols(inputs)
  if (symbols.includes(wanted)) return wanted
  throw new ProblemError({
    kind: 'input',
    code: 'no-sequence',
    what: `No axis of the inputs is called '${wanted}'`,
    where: { file },
    mend: symbols.length === 0 ? 'The inputs have fixed lengths; time them without.' : `Name one of ${symbols.join(', ')}.`,
  })
}

async function benchAt(setting: Setting, request: BenchModelsRequest, samplesFor: SamplesFor, several: boolean): Promise<Point> {
  const { batch, threads } = setting
  const { runtime, provider, signal, rounds, models, seed = defaultSeed } = request
  const bench: Workbench = { runtime, provider, threads, ...(signal === undefined ? {} : { control: { signal } }) }
  const contestants: Contestant[] = []
  const descriptions: string[] = []
  const dataNotes: string[] = []
  for (const each of models) {
    const { samples, notes } = await samplesFor(each, setting.sequence)
    descriptions.push(samples.description)
    dataNotes.push(...notes)
    contestants.push(await contestantOf({ ...each, samples }, batch, bench))
  }
  const expectedMs = rounds === undefined ? await pilot(contestants, bench) : 0
  const timing = await timeVersions(contestants, { bench, seed, expectedMs, ...(rounds === undefined ? {} : { rounds }) })
  const counted = timing.conditions.joules
  const medians = timing.latency.map(({ median: ms }) => ms)
  const energy = typeof counted === 'number' ? await energyOf(contestants, medians, bench) : counted
  const figures: BenchFigures['models'] = []
  for (const [index, { path, model }] of models.entries()) {
    const { session, feeds } = contestants[index] as Contestant
    const latencyMs = timing.latency[index] as (typeof timing.latency)[number]
    const [loadMs = 0, firstRunMs = 0] = [timing.loadMs[index], timing.firstRunMs[index]]
    const peakMemoryBytes = await peakOf(session, feeds, bench)
    const throughput = (1000 * batch) / latencyMs.median
    const energyJoules = Array.isArray(energy) ? (energy[index] as number) : energy
    figures.push({
      path,
      ...setting,
      latencyMs,
      throughput,
      loadMs,
      firstRunMs,
      peakMemoryBytes,
      sizeBytes: bytesOnDisk(model),
      energyJoules,
    })
  }
  const baseline = models[0]?.path ?? ''
  return {
    models: figures,
    ratios: models.slice(1).map(({ path }, index) => ({ baseline, candidate: path, ...setting, ...ratioOf(timing, 0, index + 1, seed) })),
    protocol: protocolOf(timing, { bench, seed, batch, inputs: descriptions[0] ?? '' }),
    notes: [...dataNotes, ...noiseNotes(timing).map((note) => (several ? `At ${settingText(setting)}: ${note}` : note))],
  }
}

/** A model on the bench. */
interface Bencher {
  readonly path: string
  readonly model: Model
  readonly samples: Samples
}

async function contestantOf({ path, model, samples }: Bencher, batch: number, bench: Workbench): Promise<Contestant> {
  const whole = samples.table.inputs.some((column) => column.whole === true)
  const fixed = fixedBatch(model) ?? (whole ? 1 : null)
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
