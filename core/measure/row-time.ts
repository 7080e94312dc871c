import type { Verdict } from '../api/measurement.ts'
import type { Node } from '../ir/value.ts'
import type { ProfileResult } from '../runtime/session.ts'
import { median, smallestEffect, timeVerdict, unpairedRatio } from './statistics.ts'

/** Shares of a run that kernels take, from several profiles of one version. */
export interface KernelShares {
  /** Milliseconds of one run without a profiler. */
  readonly unprofiledMs: number
  /** For each profile and run: whole run and single kernels, in microseconds. */
  readonly profiles: readonly ProfileResult[]
}

/** Milliseconds that some kernels take of an undisturbed run, and in each profiled run for judging; [profile][run]. */
export interface KernelTimes {
  readonly ms: number
  readonly runs: readonly (readonly number[])[]
}

/** The time of some kernels, scaled to the unprofiled median. Over all kernels and what is between them the times add up to it. */
export function timesOf(kernels: readonly Node[], shares: KernelShares): KernelTimes {
  const names = new Set(kernels.map(({ name }) => name))
  return scaled(shares, ({ kernels: timed }) => {
    const own = timed.filter(({ node }) => names.has(node))
    return (run) => own.reduce((sum, kernel) => sum + (kernel.runs[run] ?? 0), 0)
  })
}

/** What is left of runs without some kernels. */
export function overheadOf(kernels: readonly Node[], shares: KernelShares): KernelTimes {
  const { ms, runs } = timesOf(kernels, shares)
  const { unprofiledMs } = shares
  return { ms: Math.max(0, unprofiledMs - ms), runs: runs.map((each) => each.map((time) => Math.max(0, unprofiledMs - time))) }
}

type MicrosecondsOf = (profile: ProfileResult) => (run: number) => number

function scaled({ profiles, unprofiledMs }: KernelShares, of: MicrosecondsOf): KernelTimes {
  let [part, whole] = [0, 0]
  const runs = profiles.map((profile) => {
    const microseconds = of(profile)
    for (const run of ordinaryRuns(profile.runs)) {
      part += microseconds(run)
      whole += profile.runs[run] as number
    }
    return profile.runs.map((total, run) => (microseconds(run) / total) * unprofiledMs)
  })
  return { ms: whole === 0 ? 0 : (part / whole) * unprofiledMs, runs }
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
}

/**
 * The time of a row in both versions, and what may be said about it. Profiles of different versions have no rounds in common, so runs are
 * drawn on both sides; how far repeated profiles of one version are apart is the floor, and no two of them may contradict each other.
 */
export function judgeRow(baseline: KernelTimes, candidate: KernelTimes, options: RowOptions): RowTime {
  const times = { baseline: baseline.ms, candidate: candidate.ms }
  if (Math.max(times.baseline, times.candidate) < smallestShare * options.wholeMs) return { ...times, verdict: 'no clear difference' }
  if (times.baseline === 0 || times.candidate === 0) return { ...times, verdict: times.candidate === 0 ? 'better' : 'worse' }
  const ratio = unpairedRatio(baseline.runs.flat(), candidate.runs.flat(), options.seed)
  const floor = Math.max(spread(baseline.runs), spread(candidate.runs), options.floor, 2 * smallestEffect)
  const apart = separate(baseline.runs, candidate.runs)
  return { ...times, verdict: apart ? timeVerdict(ratio, floor) : 'no clear difference' }
}

/** Whether every profile of one version is on the same side of every profile of the other. */
function separate(baseline: KernelTimes['runs'], candidate: KernelTimes['runs']): boolean {
  const [before, after] = [baseline, candidate].map((profiles) => profiles.map((runs) => median(runs))) as [number[], number[]]
  return Math.max(...before) < Math.min(...after) || Math.max(...after) < Math.min(...before)
}

function spread(profiles: KernelTimes['runs']): number {
  const medians = profiles.map((runs) => median(runs)).filter((ms) => ms > 0)
  return medians.length < 2 ? 0 : Math.max(...medians) / Math.min(...medians) - 1
}
