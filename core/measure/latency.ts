import type { Latency, Protocol, Ratio } from '../api/measurement.ts'
import { quantity } from '../api/quantity.ts'
import type { Conditions, Feeds, SessionSpec } from '../runtime/session.ts'
import { fewestForVerdict, judged, latencyOf, median, pairedRatio, smallestEffect } from './statistics.ts'
import type { Bench } from './version.ts'

/** A version in a timing: how it is deployed and what it is fed. */
export interface Contestant {
  readonly session: SessionSpec
  readonly feeds: Feeds
  /** Bytes of its weights: heavy models are loaded once, not twice. */
  readonly bytes: number
}

export interface TimingOptions {
  readonly bench: Bench
  /** Timed rounds; chosen from `expectedMs` unless given. */
  readonly rounds?: number
  /** About how long a round takes. */
  readonly expectedMs: number
  readonly seed: number
}

/** Times of several versions from interleaved rounds of one process. */
export interface Timing {
  readonly latency: readonly Latency[]
  /** Each version's runs, [version][round]; with two copies of a session the mean of both. */
  readonly runs: readonly (readonly number[])[]
  readonly loadMs: readonly number[]
  readonly firstRunMs: readonly number[]
  /** How often each version was loaded. */
  readonly copies: number
  /** The relative difference that the same file shows against itself in this very timing. */
  readonly floor: number
  readonly rounds: number
  readonly warmup: number
  readonly conditions: Conditions
}

const warmup = 5
const timedMs = 6000
/** Past this many bytes a model is loaded once. */
const heaviest = 400 * 2 ** 20

/** What keeps sessions of one process from stealing each other's time; see the protocol in the documentation. */
export const timingOptions: Readonly<Record<string, string>> = { 'session.force_spinning_stop': '1' }

/**
 * Times versions against each other: all in one fresh process, every round in a fresh order, spinning threads stopped. Each version is
 * loaded twice, because where a session's memory happens to lie makes it a little faster or slower for as long as it lives: how far the
 * copies are apart is the floor below which a difference between versions means nothing.
 */
export async function timeVersions(contestants: readonly Contestant[], options: TimingOptions): Promise<Timing> {
  const { bench, seed, expectedMs } = options
  const copies = contestants.some(({ bytes }) => bytes > heaviest) ? 1 : 2
  const all = Array.from({ length: copies }, () => contestants).flat()
  const rounds = options.rounds ?? Math.round(Math.min(60, Math.max(15, timedMs / Math.max(expectedMs * copies, 0.01))))
  const request = {
    sessions: all.map(({ session }) => ({ ...session, config: { ...timingOptions, ...session.config } })),
    feeds: all.map(({ feeds }) => feeds),
    ...{ rounds, warmup, seed },
  }
  const result = await bench.runtime.time(request, bench.control)
  const copiesOf = (version: number) => Array.from({ length: copies }, (_, copy) => result.runs[copy * contestants.length + version] ?? [])
  return {
    latency: contestants.map((_, version) => latencyOf(copiesOf(version).flat(), seed)),
    runs: contestants.map((_, version) => means(copiesOf(version))),
    loadMs: result.loadMs.slice(0, contestants.length),
    firstRunMs: result.firstRunMs.slice(0, contestants.length),
    floor: Math.max(0, ...contestants.map((_, version) => spread(copiesOf(version)))),
    ...{ rounds, warmup, copies, conditions: result.conditions },
  }
}

const means = (copies: readonly (readonly number[])[]): number[] =>
  (copies[0] ?? []).map((_, round) => copies.reduce((sum, runs) => sum + (runs[round] as number), 0) / copies.length)

function spread(copies: readonly (readonly number[])[]): number {
  const medians = copies.map((runs) => median(runs))
  return Math.max(...medians) / Math.min(...medians) - 1
}

/**
 * How two versions of a timing compare. Nothing is claimed from too few rounds, nor where the paired rounds and the medians that stand beside
 * them point in different directions.
 */
export function ratioOf(
  { runs, floor, latency }: Pick<Timing, 'runs' | 'floor' | 'latency'>,
  baseline: number,
  candidate: number,
  seed: number,
): Ratio {
  const [before, after] = [runs[baseline] ?? [], runs[candidate] ?? []]
  const ratio = pairedRatio(before, after, seed)
  const rounds = Math.min(before.length, after.length)
  const medians = (latency[candidate]?.median ?? Number.NaN) / (latency[baseline]?.median ?? Number.NaN)
  const contradicted = (medians - 1) * (ratio.ratio - 1) <= 0
  const sound = rounds >= fewestForVerdict && !contradicted
  const found = sound ? judged(ratio, floor) : { ...ratio, verdict: 'no clear difference' as const }
  // Where the interval has both sides of 1 it says it by itself.
  if (found.verdict !== 'no clear difference' || (ratio.low <= 1 && ratio.high >= 1)) return found
  return { ...found, because: whyNotClaimed({ rounds, contradicted, floor, ratio: ratio.ratio }) }
}

interface NotClaimed {
  readonly rounds: number
  readonly contradicted: boolean
  readonly floor: number
  readonly ratio: number
}

/** In half a sentence, for whoever sees an interval and a verdict that do not seem to fit. */
function whyNotClaimed({ rounds, contradicted, floor, ratio }: NotClaimed): string {
  if (rounds < fewestForVerdict) return `${quantity(rounds, 'round')} ${rounds === 1 ? 'is' : 'are'} too few`
  if (contradicted) return 'the medians of all runs do not say so'
  if (Math.abs(Math.log(ratio)) <= Math.log1p(smallestEffect)) return `less than ${percent(smallestEffect)} is not claimed`
  return `the machine was unsteady: the same file differed from itself by ${percent(floor)}`
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** The timing as reports tell of it. */
export function protocolOf(timing: Timing, options: Pick<TimingOptions, 'bench' | 'seed'> & { batch: number; inputs: string }): Protocol {
  const { bench, seed, batch, inputs } = options
  return {
    rounds: timing.rounds,
    warmup: timing.warmup,
    threads: bench.threads,
    provider: bench.provider,
    level: 'all',
    batch,
    order: `all versions in one fresh process, each loaded ${timing.copies === 1 ? 'once' : 'twice'}, order drawn anew every round`,
    seed,
    sessionOptions: { ...timingOptions },
    inputs,
  }
}
