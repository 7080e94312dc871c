import type { Timed } from '../pass.ts'

/** How a version that leaves something in float compares with one that does not. */
export interface Comparison {
  /** Median milliseconds of a run. */
  readonly before: number
  readonly after: number
  /** Whether the second version is faster beyond doubt. */
  readonly faster: boolean
}

/** Share of the rounds that must agree: of 31, chance alone brings 22 once in 40 times. */
const agreeing = 0.7
/** Gains below this are not worth the bytes. */
const leastGain = 0.01

/** Judges two versions by rounds in which both ran: most must agree, and the gain must be more than a version shows against itself. */
export function compared({ runs, floor }: Timed): Comparison {
  const [first = [], second = []] = runs
  const faster = first.filter((time, round) => (second[round] ?? time) < time).length
  const [before, after] = [middle(first), middle(second)]
  return { before, after, faster: faster >= agreeing * first.length && 1 - after / before > Math.max(leastGain, floor) }
}

function middle(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
