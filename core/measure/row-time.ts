import type { Verdict } from '../api/measurement.ts'
import { type Random, seeded } from '../data/random.ts'
import type { Node } from '../ir/value.ts'
import type { ProfileResult } from '../runtime/session.ts'
import { type Interval, percentiles, smallestEffect, timeVerdict } from './statistics.ts'

/** Shares of a run that kernels take, from several profiles of one version. */
export interface KernelShares {
  /** Milliseconds of one run without a profiler. */
  readonly unprofiledMs: number
  /** For each profile and run: whole run and single kernels, in microseconds. */
  readonly profiles: readonly ProfileResult[]
}

/** Milliseconds that some kernels take of an undisturbed run. All three are the same statistic, so that none can contradict another. */
export interface KernelTimes {
  readonly ms: number
  /** From each profile alone. */
  readonly profiles: readonly number[]
  /** From as many runs drawn with replacement. */
  readonly drawn: (random: Random) => number
}

/** The time of some kernels, scaled to the unprofiled median. Over all kernels and what is between them the times add up to it. */
export function timesOf(kernels: readonly Node[], { profiles, unprofiledMs }: KernelShares): KernelTimes {
  const names = new Set(kernels.map(({ name }) => name))
  const runs = profiles.map((profile) => {
    const own = profile.kernels.filter(({ node }) => names.has(node))
    return ordinaryRuns(profile.runs).map(
      (run): RunPart => ({
        part: own.reduce((sum, kernel) => sum + (kernel.runs[run] ?? 0), 0),
        whole: profile.runs[run] as number,
      }),
    )
  })
  const all = runs.flat()
  const share = (of: readonly RunPart[]) => shareOf(of) * unprofiledMs
  return { ms: share(all), profiles: runs.map(share), drawn: (random) => share(all.map(() => all[random.integer(all.length)] as RunPart)) }
}

/** What is left of runs without some kernels. */
export function overheadOf(kernels: readonly Node[], shares: KernelShares): KernelTimes {
  const { ms, profiles, drawn } = timesOf(kernels, shares)
  const rest = (taken: number) => Math.max(0, shares.unprofiledMs - taken)
  return { ms: rest(ms), profiles: profiles.map(rest), drawn: (random) => rest(drawn(random)) }
}

/** Microseconds of some kernels in a run, and of the whole run. */
interface RunPart {
  readonly part: number
  readonly whole: number
}

/** A quotient of sums, not a median of quotients: those of a model's kernels would not add up to the model. */
function shareOf(runs: readonly RunPart[]): number {
  let [part, whole] = [0, 0]
  for (const run of runs) {
    part += run.part
    whole += run.whole
  }
  return whole === 0 ? 0 : part / whole
}

/** The half of the runs that took the most ordinary time: the others met something else that the machine did. */
function ordinaryRuns(runs: readonly number[]): readonly number[] {
  const order = runs.map((_, run) => run).sort((a, b) => (runs[a] as number) - (runs[b] as number))
  return order.slice(Math.floor(order.length / 4), Math.ceil((3 * order.length) / 4))
}

/** Less than this share of the whole model is too little to judge on its own. */
const smallestShare = 0.002

export interface RowOptions {
  /** One run of the baseline. */
  readonly wholeMs: number
  /** How far the whole model is from itself in the timing that the rows are scaled with. */
  readonly floor: number
  readonly seed: number
}

export interface RowTime {
  readonly baseline: number
  readonly candidate: number
  readonly verdict: Verdict
  /** Around both times, where profiles were repeated. */
  readonly intervals?: { readonly baseline: Interval; readonly candidate: Interval; readonly level: number }
}

/**
 * The time of a row in both versions, and what may be said about it. Profiles of different versions have no rounds in common, so runs are
 * drawn on both sides; how far repeated profiles of one version are apart is the floor, and no two of them may contradict each other. The
 * verdict is that of the very ratio of the two times, so it never points elsewhere than they do. The intervals are what
 * all profiles lie in, so those of a row that is better or worse never overlap.
 */
export function judgeRow(baseline: KernelTimes, candidate: KernelTimes, options: RowOptions): RowTime {
  const times = { baseline: baseline.ms, candidate: candidate.ms, ...intervalsOf(baseline.profiles, candidate.profiles) }
  if (Math.max(times.baseline, times.candidate) < smallestShare * options.wholeMs) return { ...times, verdict: 'no clear difference' }
  if (times.baseline === 0 || times.candidate === 0) return { ...times, verdict: times.candidate === 0 ? 'better' : 'worse' }
  if (!separate(baseline.profiles, candidate.profiles)) return { ...times, verdict: 'no clear difference' }
  const floor = Math.max(spread(baseline.profiles), spread(candidate.profiles), options.floor, 2 * smallestEffect)
  return { ...times, verdict: timeVerdict(ratioOfDrawn(baseline, candidate, options.seed), floor) }
}

/**
 * From the least to the greatest of repeated profiles. They enclose the median of all processes unless all lie on one side of it, whatever
 * their distribution (order statistics, Conover 1999). The time itself is a quotient of sums over them and lies between them, too.
 */
function intervalsOf(baseline: readonly number[], candidate: readonly number[]): Pick<RowTime, 'intervals'> {
  const fewest = Math.min(baseline.length, candidate.length)
  if (fewest < 2) return {}
  const range = (profiles: readonly number[]): Interval => ({ low: Math.min(...profiles), high: Math.max(...profiles) })
  return { intervals: { baseline: range(baseline), candidate: range(candidate), level: 1 - 2 ** (1 - fewest) } }
}

/** The ratio of two times with its interval, runs of both sides drawn by themselves. */
function ratioOfDrawn(baseline: KernelTimes, candidate: KernelTimes, seed: number) {
  const random = seeded(seed)
  return { ratio: candidate.ms / baseline.ms, ...percentiles(() => candidate.drawn(random) / baseline.drawn(random)) }
}

/** Whether every profile of one version is on the same side of every profile of the other. */
function separate(before: readonly number[], after: readonly number[]): boolean {
  return Math.max(...before) < Math.min(...after) || Math.max(...after) < Math.min(...before)
}

function spread(profiles: readonly number[]): number {
  const positive = profiles.filter((ms) => ms > 0)
  return positive.length < 2 ? 0 : Math.max(...positive) / Math.min(...positive) - 1
}
