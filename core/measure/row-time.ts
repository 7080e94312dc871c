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

/** Milliseconds of some kernels of a version in each profiled run, scaled to the unprofiled median; [profile][run]. */
export function timesOf(kernels: readonly Node[], shares: KernelShares): number[][] {
  const names = new Set(kernels.map(({ name }) => name))
  return shares.profiles.map(({ runs, kernels: timed }) => {
    const own = timed.filter(({ node }) => names.has(node))
    return runs.map((whole, run) => (own.reduce((sum, kernel) => sum + (kernel.runs[run] ?? 0), 0) / whole) * shares.unprofiledMs)
  })
}

/** What no kernel accounts for, as another row of the same form. */
export function overheadOf(kernels: readonly Node[], shares: KernelShares): number[][] {
  return timesOf(kernels, shares).map((runs) => runs.map((ms) => Math.max(0, shares.unprofiledMs - ms)))
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
 * drawn on both sides; how far repeated profiles of one version are apart is the floor.
 */
export function judgeRow(baseline: readonly number[][], candidate: readonly number[][], options: RowOptions): RowTime {
  const [before, after] = [baseline.flat(), candidate.flat()]
  const [a, b] = [median(before), median(after)]
  const times = { baseline: Number.isFinite(a) ? a : 0, candidate: Number.isFinite(b) ? b : 0 }
  if (Math.max(times.baseline, times.candidate) < smallestShare * options.wholeMs) return { ...times, verdict: 'no clear difference' }
  if (times.baseline === 0 || times.candidate === 0) return { ...times, verdict: times.candidate === 0 ? 'better' : 'worse' }
  const ratio = unpairedRatio(before, after, options.seed)
  const floor = Math.max(spread(baseline), spread(candidate), options.floor, 2 * smallestEffect)
  return { ...times, verdict: timeVerdict(ratio, floor) }
}

function spread(profiles: readonly number[][]): number {
  const medians = profiles.map((runs) => median(runs)).filter((ms) => ms > 0)
  return medians.length < 2 ? 0 : Math.max(...medians) / Math.min(...medians) - 1
}
