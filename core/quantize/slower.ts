import { bootstrap, type Interval, quantile } from '../measure/statistics.ts'
import type { Timed } from '../pass.ts'

/** How two versions compare in time. */
export interface Comparison {
  /** Milliseconds of a run that nothing disturbed. */
  readonly before: number
  readonly after: number
  /** Whether the second version is faster, or slower, beyond doubt. */
  readonly verdict: 'faster' | 'slower' | 'unclear'
}

/**
 * The share of the rounds that are taken for undisturbed. Whatever else runs on the machine only ever makes a round longer, on a loaded one by
 * whole time slices, so that medians compare the other work: of 80 timings at a load of 3 to 7, medians of paired rounds found a threefold gain in 13,
 * these quantiles in 79.
 */
const undisturbed = 0.05
/** Gains below this are not worth the bytes. */
const leastGain = 0.01
/** A difference must pass what the copies of one version show by this much. */
const floorMargin = 1.5
/** An interval of the ratio that is narrower than this tells as much as more rounds would. */
const narrow = 0.1
/** How often versions are timed at most until the difference is clear. */
const attempts = 3

type Copies = Timed['copies']

/** Times two versions, and again where other work on the machine leaves open which of them is the faster one. */
export async function comparedBy(time: () => Promise<Pick<Timed, 'copies'>>): Promise<Comparison> {
  let { copies } = await time()
  let found = compared(copies)
  for (let more = 1; more < attempts && found.verdict === 'unclear' && width(found.interval) > narrow; more++) {
    copies = joined(copies, (await time()).copies)
    found = compared(copies)
  }
  const { before, after, verdict } = found
  return { before, after, verdict }
}

const joined = (copies: Copies, more: Copies): Copies =>
  copies.map((own, version) => own.map((rounds, copy) => [...rounds, ...(more[version]?.[copy] ?? [])]))

const width = ({ low, high }: Interval): number => high - low

/**
 * Judges two versions by their undisturbed rounds: the whole interval of the ratio must lie on one side of 1, and the ratio further from it than
 * copies of the same version are from each other.
 */
export function compared(copies: Copies): Comparison & { readonly interval: Interval } {
  const [first = [], second = []] = copies
  const everyRound = Int32Array.from(first[0] ?? [], (_, round) => round)
  const ratioOver = (drawn: Int32Array) => Math.log(over(second, drawn) / over(first, drawn))
  const ratio = ratioOver(everyRound)
  const interval = bootstrap(everyRound.length, ratioOver, 1)
  const floor = floorMargin * Math.max(...[first, second].map((own) => apart(own, everyRound)))
  const clear = Math.abs(ratio) > Math.max(leastGain, floor)
  const verdict = !clear ? 'unclear' : interval.high < 0 ? 'faster' : interval.low > 0 ? 'slower' : 'unclear'
  return { before: over(first, everyRound), after: over(second, everyRound), verdict, interval }
}

/** What drawn rounds of all copies of one version take undisturbed. */
function over(copies: readonly (readonly number[])[], drawn: Int32Array): number {
  const times = new Float64Array(copies.length * drawn.length)
  copies.forEach((rounds, copy) => {
    drawn.forEach((round, i) => {
      times[copy * drawn.length + i] = rounds[round] as number
    })
  })
  return quantile(times, undisturbed)
}

/** How far the copies of one version are from each other, as a logarithm of ratios. */
function apart(copies: readonly (readonly number[])[], everyRound: Int32Array): number {
  const times = copies.map((rounds) => Math.log(over([rounds], everyRound)))
  return Math.max(...times) - Math.min(...times)
}
