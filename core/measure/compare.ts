import { join } from 'node:path'
import type { Accuracy, BytesPair, JoulesPair, Latency, Matching, Protocol, Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { Candidate } from '../api/report.ts'
import { fixedBatch } from '../data/fixed-batch.ts'
import { generatedData } from '../data/open.ts'
import { defaultSeed } from '../data/random.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import type { Feeds, ProfileResult } from '../runtime/session.ts'
import { judgeAccuracy } from './accuracy.ts'
import { checkDeterminism, checkExecuted } from './checks.ts'
import { type CandidateBorders, type CompareRequest, type Comparison, noNumbers, unlessItFails } from './comparison.ts'
import { energyOf } from './energy.ts'
import { weightBytes } from './executed.ts'
import { type Contestant, protocolOf, ratioOf, type Timing, timeVersions } from './latency.ts'
import { type ComparedTiming, layerTable, type Profiles } from './layer-table.ts'
import { noiseNotes } from './noise.ts'
import { median } from './statistics.ts'
import { type Bench, type MeasuredVersion, outputsOf, prepareVersion, profileVersion } from './version.ts'

/** What measuring a candidate against its baseline found: the figures of a report's candidate, and how they were taken. */
export interface Compared {
  readonly figures: Pick<Candidate, 'layers' | 'accuracy' | 'latencyMs' | 'peakMemoryBytes' | 'energyJoules' | 'tied'>
  readonly protocol: Protocol
  /** `null` where the passes recorded how the candidate was made. */
  readonly matching: Matching | null
  readonly notes: readonly string[]
}

const sameBorders: CandidateBorders = { feeds: (feeds) => feeds, sources: {}, output: (name) => name }
const generatedSamples = 8

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
    const mend =
      madeUp && problem.code === 'run-failed' ? 'Its inputs were made up: give a data set whose samples fit it (--data).' : problem.mend
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
async function time(comparison: Comparison, profiles: Profiles): Promise<ComparedTiming> {
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

async function judge({ baseline, candidate, samples, metric, borders, seed, bench }: Comparison): Promise<Accuracy | Unavailable> {
  const output = metric.output ?? outputsOf(baseline)[0]
  if (output === undefined) return noNumbers
  return judgeAccuracy({
    baseline: { session: baseline.executed.deployed, sources: {}, output },
    candidate: { session: candidate.executed.deployed, sources: borders.sources, output: borders.output(output) },
    ...{ samples, metric, seed, bench, batch: weightBytes(baseline.executed.version) > largeWeights ? 1 : 16 },
  })
}
