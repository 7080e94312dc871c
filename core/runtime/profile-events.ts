import type { KernelTime } from './session.ts'

/** An event of onnxruntime's profile (Chrome trace format). Times are microseconds. */
export interface ProfileEvent {
  readonly cat: string
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly args?: { readonly op_name?: string; readonly provider?: string }
}

const kernelSuffix = '_kernel_time'

/**
 * Times of each kernel, one a run, in the order of execution. A kernel that runs several times in a run (inside a Loop) counts their sum;
 * one that is skipped in a run (a branch of an If) counts 0. A node that holds subgraphs includes the time of what is in them.
 * @param warmup how many runs from the start to leave out
 */
export function kernelTimes(events: readonly ProfileEvent[], warmup: number): KernelTime[] {
  const starts = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b)
  const measured = Math.max(0, starts.length - warmup)
  const kernels = new Map<string, { node: string; opType: string; provider: string; runs: number[]; first: number }>()
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith(kernelSuffix)) continue
    const run = lastAtMost(starts, ts) - warmup
    const node = name.slice(0, -kernelSuffix.length)
    const opType = args?.op_name ?? ''
    const key = `${opType} ${node}`
    const kernel = kernels.get(key) ?? {
      node,
      opType,
      provider: args?.provider ?? '',
      runs: Array.from({ length: measured }, () => 0),
      first: ts,
    }
    kernels.set(key, kernel)
    if (run >= 0) kernel.runs[run] = (kernel.runs[run] ?? 0) + dur
  }
  return [...kernels.values()].sort((a, b) => a.first - b.first).map(({ first: _, ...kernel }) => kernel)
}

/** Microseconds of each whole run after the warm-up. */
export function runTimes(events: readonly ProfileEvent[], warmup: number): number[] {
  return events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .sort((a, b) => a.ts - b.ts)
    .slice(warmup)
    .map(({ dur }) => dur)
}

/** Index of the last of the ascending `starts` that is not after `at`; -1 before the first. */
function lastAtMost(starts: readonly number[], at: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
