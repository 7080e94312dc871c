import type { Candidate } from './report.ts'

/**
 * Milliseconds of each candidate as they may stand beside each other. A candidate is timed interleaved with the source, and each at a time of its
 * own: what the machine became faster or slower by between is no difference between them. So a candidate whose source took another time than that
 * of the first stands at the first's source times its own ratio. Candidates that were not timed are left out.
 */
export function besideEachOther(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const timed = candidates.flatMap(({ id, latencyMs }) => ('ratio' in latencyMs ? [{ id, latencyMs }] : []))
  const source = timed[0]?.latencyMs.baseline.median
  return new Map(
    timed.map(({ id, latencyMs: { baseline, candidate, ratio } }) => [
      id,
      source === undefined || baseline.median === source ? candidate.median : source * ratio,
    ]),
  )
}
