import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Accuracy, BytesPair, JoulesPair, Latency, LayerError, Matching, Protocol, Ratio, Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { Candidate } from '../api/report.ts'
import { fixedBatch } from '../data/fixed-batch.ts'
import { generatedData, type SampleData } from '../data/open.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import type { Deviation } from '../observe/sqnr.ts'
import type { Feeds, InputSource, ProfileResult, Runtime } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import { layersOf } from '../structure/layer.ts'
import { judgeAccuracy } from './accuracy.ts'
import { checkDeterminism, checkExecuted } from './checks.ts'
import { costModel } from './cost.ts'
import { energyOf } from './energy.ts'
import { weightBytes } from './executed.ts'
import { type Contestant, protocolOf, ratioOf, type Timing, timeVersions } from './latency.ts'
import { layerRows } from './layers.ts'
import { matchingOf, matchModels } from './match.ts'
import { noiseNotes } from './noise.ts'
import { matchedRelation, type Relation, recordedRelation } from './relation.ts'
import { roofline } from './roofline.ts'
import { deviationError, rowErrors } from './row-error.ts'
import { groupRows, type RowGroup, type RowGroups } from './rows.ts'
import { median } from './statistics.ts'
import { type Bench, type MeasuredVersion, prepareVersion, profileVersion } from './version.ts'

/** How a candidate is fed and read with the baseline's samples, where its borders differ. */
export interface CandidateBorders {
  feeds(feeds: Feeds): Feeds
  readonly sources: Readonly<Record<string, InputSource>>
  /** The candidate's name of a baseline output. */
  output(name: string): string
}

export interface CompareRequest {
  readonly runtime: Runtime
  readonly store: Store
  readonly baseline: Model
  readonly candidate: Model
  /** `recorded`: the candidate was made from the baseline by passes; `matched`: any two models, related by names, weights and structure. */
  readonly lineage: 'recorded' | 'matched'
  /** Samples are made up from the baseline's inputs when there is none. */
  readonly data: SampleData | null
  readonly borders?: CandidateBorders
  readonly provider: string
  readonly threads: number
  /** Timed rounds; chosen by how long a run takes unless given. */
  readonly rounds?: number
  /** How often each version is profiled, each time in a fresh process; 4 unless given. */
  readonly profiles?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: string, done: number, of: number) => void
}

/** What measuring a candidate against its baseline found: the figures of a report's candidate, and how they were taken. */
export interface Compared {
  readonly figures: Pick<Candidate, 'layers' | 'accuracy' | 'latencyMs' | 'peakMemoryBytes' | 'energyJoules' | 'tied'>
  readonly protocol: Protocol
  /** `null` where the passes recorded how the candidate was made. */
  readonly matching: Matching | null
  readonly notes: readonly string[]
}

const sameBorders: CandidateBorders = { feeds: (feeds) => feeds, sources: {}, output: (name) => name }
const defaultSeed = 7
const generatedSamples = 8

/** All that the steps of one comparison work with. */
interface Comparison {
  readonly request: CompareRequest
  readonly bench: Bench
  readonly borders: CandidateBorders
  readonly seed: number
  /** Samples in every run. */
  readonly batch: number
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly samples: Samples
  readonly metric: SampleData['metric']
  readonly folder: string
  readonly notes: string[]
}

/**
 * Measures two versions on the real runtime: latency as deployed from interleaved rounds, memory in processes of their own, the task metric
 * on the same samples, and rows of layers with the time and error of each, from the kernels that the runtime really executes.
 * A part that fails becomes `unavailable` with its reason; a model that does not run at all (see `mustRun`), or cancelling, is thrown.
 */
export async function compareModels(request: CompareRequest): Promise<Compared> {
  const scratch = await request.store.scratch('compare')
  try {
    const begin = (name: (typeof steps)[number]) => request.onProgress?.(name, steps.indexOf(name), steps.length)
    begin('prepare')
    const comparison = await prepare(request, scratch.path)
    begin('check')
    await check(comparison)
    begin('profile')
    const profiles = await profile(comparison)
    begin('time')
    const timing = await time(comparison, profiles)
    comparison.notes.push(...noiseNotes(timing))
    begin('memory')
    const peakMemoryBytes = await memory(comparison)
    const energyJoules = await energy(comparison, timing)
    begin('accuracy')
    const accuracy = await unlessItFails(() => judge(comparison))
    begin('layers')
    const rows = await layerTable(comparison, profiles, timing)
    const latencyMs = { ...ratioOf(timing, 0, 1, comparison.seed), baseline: withStart(timing, 0), candidate: withStart(timing, 1) }
    return {
      figures: { layers: rows.rows, accuracy, latencyMs, peakMemoryBytes, energyJoules, tied: rows.tied },
      protocol: protocolOf(timing, {
        ...{ bench: comparison.bench, seed: comparison.seed, batch: comparison.batch },
        inputs: comparison.samples.description,
      }),
      matching: rows.matching,
      notes: comparison.notes,
    }
  } finally {
    await scratch.remove()
  }
}

const steps = ['prepare', 'check', 'profile', 'time', 'memory', 'accuracy', 'layers'] as const

async function prepare(request: CompareRequest, folder: string): Promise<Comparison> {
  const { runtime, provider, threads, signal, seed = defaultSeed, borders = sameBorders } = request
  const bench: Bench = { runtime, provider, threads, ...(signal === undefined ? {} : { control: { signal } }) }
  const { samples, metric, notes } = await chooseSamples(request, seed)
  const batch = fixedBatch([request.baseline, request.candidate], samples.table)
  const feeds = await feedsOf(samples.table, 0, batch)
  const madeUp = request.data?.random ?? true
  const versionOf = (name: 'baseline' | 'candidate', feeds: Feeds) =>
    mustRun(name, madeUp, async () => {
      const version = await prepareVersion(request[name], feeds, join(folder, name), bench)
      await bench.runtime.execute({ session: version.executed.deployed, feeds, wanted: outputsOf(version) }, bench.control)
      return version
    })
  const baseline = await versionOf('baseline', feeds)
  const candidate = await versionOf('candidate', borders.feeds(feeds))
  return { request, bench, borders, seed, batch, baseline, candidate, samples, metric, folder, notes: [...notes] }
}

/** @throws ProblemError `baseline-does-not-run` or `candidate-does-not-run`, with what the runtime said; `runtime-killed` as it is */
async function mustRun<T>(name: 'baseline' | 'candidate', madeUp: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.kind !== 'runtime') throw error
    const { problem } = error
    // Whoever ended the process, it was not the model.
    if (problem.code === 'runtime-killed') throw error
    const mend = madeUp && problem.code === 'run-failed' ? 'Its inputs were made up: give a data set whose samples fit it (--data).' : problem.mend
    throw new ProblemError({ ...problem, code: `${name}-does-not-run`, what: `The ${name} does not run: ${problem.what}`, mend })
  }
}

async function chooseSamples({ data, baseline, store }: CompareRequest, seed: number) {
  const given = data?.evaluation ?? data?.selection ?? data?.calibration ?? null
  if (data !== null && given !== null) return { samples: given, metric: data.metric, notes: [] }
  const made = await generatedData({ graph: baseline.graph, store, count: generatedSamples, seed })
  return { samples: made.evaluation as Samples, metric: made.metric, notes: made.notes }
}

async function check({ baseline, candidate, samples: { table }, borders, bench, notes }: Comparison): Promise<void> {
  const plain = { samples: table, sources: {}, bench }
  const found = await unlessItFails(async () => [
    ...(await checkDeterminism(baseline, plain)),
    await checkExecuted('baseline', baseline, plain),
    await checkExecuted('candidate', candidate, { ...plain, sources: borders.sources }),
  ])
  if ('unavailable' in found)
    notes.push(`Whether the executed graphs are those that are deployed could not be checked: ${found.unavailable}`)
  else notes.push(...found.filter((note) => note !== null))
}

interface Profiles {
  readonly baseline: ProfileResult[]
  readonly candidate: ProfileResult[]
}

/**
 * A row is judged only when all profiles of one version lie on the same side of all of the other. What moves a whole process moves all its
 * rows: with n profiles each, chance alone sets them apart in 2 n!² / (2n)! of the tries, 10 % for three and 3 % for four.
 */
const profileRepeats = 4

/** Interleaved, each in a fresh process, so that a row can be told from the noise between processes. */
async function profile({
  baseline,
  candidate,
  bench,
  request: { rounds, profiles: repeats = profileRepeats },
}: Comparison): Promise<Profiles> {
  const profiles: Profiles = { baseline: [], candidate: [] }
  const options = (done: readonly ProfileResult[]) => ({
    ...(done.length === 0 ? {} : { expectedMs: runMs(done) }),
    ...(rounds === undefined ? {} : { most: rounds }),
  })
  for (let repeat = 0; repeat < repeats; repeat++) {
    profiles.baseline.push(await profileVersion(baseline, bench, options(profiles.baseline)))
    profiles.candidate.push(await profileVersion(candidate, bench, options(profiles.candidate)))
  }
  return profiles
}

const runMs = (profiles: readonly ProfileResult[]): number => median(profiles[0]?.runs ?? []) / 1000

/** Baseline, candidate and, where it runs, the baseline without the runtime's own optimization. */
async function time(
  comparison: Comparison,
  profiles: Profiles,
): Promise<Timing & { readonly anyway: (Ratio & { unoptimized: Latency }) | Unavailable }> {
  const { baseline, candidate, bench, seed, request } = comparison
  const contestants = [baseline, candidate].map(contestant)
  const unoptimized = { ...contestant(baseline), session: { ...baseline.executed.deployed, level: 'disabled' as const } }
  const runs = await unlessItFails(() =>
    bench.runtime.execute({ session: unoptimized.session, feeds: baseline.feeds, wanted: outputsOf(baseline) }, bench.control),
  )
  const failed = 'unavailable' in runs && typeof runs.unavailable === 'string' ? { unavailable: runs.unavailable } : null
  const expectedMs = runMs(profiles.baseline) * (failed === null ? 2.5 : 1) + runMs(profiles.candidate)
  const all = failed === null ? [...contestants, unoptimized] : contestants
  const timing = await timeVersions(all, { bench, seed, expectedMs, ...(request.rounds === undefined ? {} : { rounds: request.rounds }) })
  const unoptimizedLatency = timing.latency[2]
  return {
    ...timing,
    anyway:
      unoptimizedLatency === undefined
        ? (failed ?? { unavailable: 'not timed' })
        : { ...ratioOf(timing, 2, 0, seed), unoptimized: unoptimizedLatency },
  }
}

const contestant = ({ executed, feeds }: MeasuredVersion): Contestant => ({
  session: executed.deployed,
  feeds,
  bytes: weightBytes(executed.version),
})

/** Latency with what comes before the first steady run. */
function withStart({ latency, loadMs, firstRunMs }: Timing, version: number): Latency {
  const start = { loadMs: loadMs[version] as number, firstRunMs: firstRunMs[version] as number }
  return { ...(latency[version] as Latency), ...start }
}

/** Outputs that are tensors of numbers. */
const outputsOf = ({ executed }: MeasuredVersion): string[] =>
  executed.version.graph.outputs.filter(({ type }) => type?.kind === 'tensor' && type.dtype !== 'string').map(({ name }) => name)

function memory({ baseline, candidate, bench }: Comparison): Promise<BytesPair> {
  return unlessItFails(async () => {
    const peakOf = async ({ executed, feeds }: MeasuredVersion) =>
      (await bench.runtime.memory(executed.deployed, feeds, bench.control)).peak
    return { baseline: await peakOf(baseline), candidate: await peakOf(candidate) }
  })
}

/** Counters of whole packages say nothing of versions that run in turns: each version runs by itself once more. */
async function energy({ baseline, candidate, bench }: Comparison, { conditions, latency }: Timing): Promise<JoulesPair> {
  if (typeof conditions.joules !== 'number') return conditions.joules
  const ms = latency.map(({ median: each }) => each)
  const found = await unlessItFails(() => energyOf([baseline, candidate].map(contestant), ms, bench))
  if (!Array.isArray(found)) return found
  const [before, after] = found as [number, number]
  return { baseline: before, candidate: after }
}

const largeWeights = 64 * 2 ** 20

const noNumbers: Unavailable = { unavailable: 'no output of the model is a tensor of numbers' }

async function judge({ baseline, candidate, samples, metric, borders, seed, bench }: Comparison): Promise<Accuracy | Unavailable> {
  const output = metric.output ?? outputsOf(baseline)[0]
  if (output === undefined) return noNumbers
  return judgeAccuracy({
    baseline: { session: baseline.executed.deployed, sources: {}, output },
    candidate: { session: candidate.executed.deployed, sources: borders.sources, output: borders.output(output) },
    ...{ samples, metric, seed, bench, batch: weightBytes(baseline.executed.version) > largeWeights ? 1 : 16 },
  })
}

/** Below this share of kernel time the table of layers has a gap that a reader must know of. */
const leastTied = 0.98

/** Which kernels no layer could be found for. */
export function untiedNote(tied: number, { untied }: Pick<RowGroups, 'untied'>): string {
  const counts = new Map<string, number>()
  for (const { opType } of untied.candidate) counts.set(opType, (counts.get(opType) ?? 0) + 1)
  const kernels = [...counts].sort(([, a], [, b]) => b - a).map(([name, times]) => (times === 1 ? name : `${name} ×${times}`))
  return `${(100 * (1 - tied)).toFixed(1)} % of the candidate's kernel time belongs to no layer that could be found (${kernels.join(', ')}); it stands under overhead.`
}

async function layerTable(comparison: Comparison, profiles: Profiles, timing: Awaited<ReturnType<typeof time>>) {
  const { request, baseline, candidate, seed } = comparison
  const relation = await relate(comparison)
  if (relation.matching !== undefined) comparison.notes.push(relation.matching.text)
  const groups = groupRows({ layers: layersOf(request.baseline), baseline, candidate, relation })
  const errors = await errorsOf(comparison, groups, relation)
  const ceilings = await unlessItFails(async () => ({
    costs: costModel(baseline.executed.version, baseline.feeds),
    roofline: await roofline(request.store, comparison.bench, cpus()[0]?.model ?? ''),
  }))
  const [before, after] = timing.latency as [Latency, Latency]
  const rows = layerRows({
    ceilings: 'unavailable' in ceilings ? null : ceilings,
    ...{ groups, errors, seed, floor: timing.floor, anyway: timing.anyway, ratio: ratioOf(timing, 0, 1, seed) },
    baseline: { version: baseline, latency: before, shares: { unprofiledMs: before.median, profiles: profiles.baseline } },
    candidate: { version: candidate, latency: after, shares: { unprofiledMs: after.median, profiles: profiles.candidate } },
    wholeError: await unlessItFails(() => wholeError(comparison)),
  })
  if (rows.tied < leastTied) comparison.notes.push(untiedNote(rows.tied, groups))
  return { ...rows, matching: relation.matching ?? null }
}

/** How the candidate stems from the baseline, and what that rests on where nothing was recorded. */
async function relate({ request, baseline, candidate, samples, borders, bench }: Comparison): Promise<Relation & { matching?: Matching }> {
  const [ours, theirs] = [baseline.executed.version, candidate.executed.version]
  if (request.lineage === 'recorded') return recordedRelation(ours, theirs)
  const matched = await unlessItFails(() => matchModels({ baseline, candidate, samples: samples.table, sources: borders.sources, bench }))
  if ('relation' in matched) return { ...matched.relation, matching: matched.matching }
  const relation = matchedRelation(ours, theirs)
  const matching = matchingOf({ matched: 0, of: 0, apart: 0 }, relation.share)
  return {
    ...relation,
    matching: { ...matching, confidence: 'low', text: `${matching.text} Values could not be compared: ${matched.unavailable}.` },
  }
}

async function errorsOf(comparison: Comparison, groups: RowGroups, relation: Relation): Promise<ReadonlyMap<RowGroup, LayerError>> {
  const { baseline, candidate, samples, borders, folder, bench } = comparison
  const input = { rows: groups.rows, baseline, candidate, relation, samples: samples.table, sources: borders.sources, bench }
  const errors = await unlessItFails(() => rowErrors({ ...input, folder: join(folder, 'candidate') }))
  if (errors instanceof Map) return errors
  return new Map(groups.rows.map((row) => [row, errors as Unavailable]))
}

/** The error of the first output, both versions as deployed. */
async function wholeError({ baseline, candidate, samples, metric, borders, bench }: Comparison): Promise<LayerError> {
  const output = metric.output ?? outputsOf(baseline)[0]
  if (output === undefined) return noNumbers
  const values = [
    { session: 0, name: output },
    { session: 1, name: borders.output(output) },
  ]
  const sessions = [baseline.executed.deployed, candidate.executed.deployed]
  const request = {
    sessions,
    samples: samples.table,
    batch: 1,
    limit: 64,
    calls: [{ key: 'all', reducer: 'sqnr', values }],
    io: [{}, borders.sources],
  }
  const { all } = (await bench.runtime.observe(request, bench.control)) as { all: Deviation }
  return deviationError(all)
}

/** A part that fails is unavailable with its reason; what ends the whole comparison goes on. */
async function unlessItFails<T>(work: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProblemError && error.problem.kind !== 'cancelled') return { unavailable: error.problem.what }
    throw error
  }
}
