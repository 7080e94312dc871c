import type { Timing } from './latency.ts'
import { fewestForVerdict, median } from './statistics.ts'

/** Copies of the same file that are further apart than this. */
const noisyFloor = 0.08
/** Processor time of others, in cores. */
const noisyOthers = 0.25
/** Rounds that get slower or faster by more than this from beginning to end. */
const noisyDrift = 0.1
/** A clock that moves by more than this. */
const noisyClock = 0.05

/** What a report must say of a timing: too few rounds, versions that are far from themselves, other work, a drift, a changing clock. */
export function noiseNotes(timing: Pick<Timing, 'floor' | 'runs' | 'conditions'>): string[] {
  const { floor, conditions } = timing
  const notes: string[] = []
  const rounds = Math.min(...timing.runs.map(({ length }) => length))
  if (rounds < fewestForVerdict)
    notes.push(
      `${rounds === 1 ? 'One timed round is' : `${rounds} timed rounds are`} too few for a 95 % interval: nothing is claimed to be faster or slower. Ask for at least ${fewestForVerdict}, or leave the number open.`,
    )
  if (floor > noisyFloor)
    notes.push(
      `The timing is noisy: loaded twice, the same file differs from itself by ${percent(floor)}. Smaller differences are not claimed; measure again on a quiet machine.`,
    )
  if (conditions.otherCores > noisyOthers)
    notes.push(
      `The machine was busy while it measured: other work took ${conditions.otherCores.toFixed(1)} cores. Ratios hold, because it disturbed all versions alike; the milliseconds are too high.`,
    )
  const drift = driftOf(timing.runs)
  if (Math.abs(drift) > noisyDrift)
    notes.push(
      `The machine became ${percent(Math.abs(drift))} ${drift > 0 ? 'slower' : 'faster'} while it measured${drift > 0 ? ' (heat, or other work)' : ''}: the milliseconds are a mixture, ratios hold.`,
    )
  const { megahertz } = conditions
  const [lowest, highest] = [Math.min(...megahertz), Math.max(...megahertz)]
  if (megahertz.length > 1 && highest > lowest * (1 + noisyClock))
    notes.push(`The processor's clock moved between ${lowest} and ${highest} MHz while it measured.`)
  return notes
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** Fewer rounds show no trend. */
const fewestRounds = 9

/**
 * How much slower the last third of the rounds is than the first, over all versions: each run as a share of its version's median, so that
 * slow versions do not outweigh fast ones.
 * @param runs milliseconds, [version][round]
 */
export function driftOf(runs: readonly (readonly number[])[]): number {
  const rounds = Math.min(...runs.map(({ length }) => length))
  if (runs.length === 0 || rounds < fewestRounds) return 0
  const third = Math.floor(rounds / 3)
  const shares = runs.map((each) => each.map((ms) => ms / median(each)))
  const part = (from: number, to: number) => median(shares.flatMap((each) => each.slice(from, to)))
  return part(rounds - third, rounds) / part(0, third) - 1
}
