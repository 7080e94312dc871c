/** How a step of a run goes on. Times are milliseconds of any steady clock. */
export interface Pace {
  readonly since: number
  readonly done: number
  /** When the step will be over, by the pace so far. */
  readonly end: number
}

/** Before that the first items, often slower than the rest, would be taken for the pace. */
const settledMs = 3000
/** Share of a new estimate in the smoothed one. */
const share = 0.3

/**
 * The pace at `now`, from the one that was known before. The end moves only when something was done, and then by a part of what the new
 * estimate says, so that the clock counts down and does not jump.
 * @returns `null` as long as there is nothing to tell it from
 */
export function paceAt(before: Pace | null, { done, of, since }: { done: number; of: number; since: number }, now: number): Pace | null {
  const same = before?.since === since ? before : null
  if (same?.done === done) return same
  const spent = now - since
  if (of <= 0 || done <= 0 || spent < settledMs) return null
  const end = now + (spent / done) * (of - done)
  return { since, done, end: same ? same.end + share * (end - same.end) : end }
}
