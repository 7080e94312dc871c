import { ProblemError } from '../api/problem.ts'
import { quantity } from '../api/quantity.ts'
import type { PassContext } from '../pass.ts'
import { type Allocation, firstAccepted } from '../quantize/allocation.ts'
import { type Compared, decibels, decibelText, upperLoss, upperRise } from '../quantize/judgement.ts'
import { firstSamples } from '../quantize/sample-feeds.ts'
import { type Tolerance, toleranceOf, wantsSpeed } from './mixed-options.ts'
import { assignmentOf, calibrationOf, comparedOn, mixture, type Search } from './mixed-search.ts'

/** Decibels that stand for points where the data has no labels, so that nothing can be counted as lost. */
const withoutLabels = 30

/** Samples on which a mixture is compared with float when it is verified, at most. */
const judgedSamples = 512

export interface Chosen {
  /** In the list of allocations. */
  readonly index: number
  /** How the choice was verified, for the report. */
  readonly verified: string
  /** Judges another allocation by the same samples and budget. */
  readonly judge: Judge
  /** What the judged samples do not tell. */
  readonly notes: readonly string[]
}

type Judge = (allocation: Allocation) => Promise<{ readonly within: boolean; readonly said: string }>

/** The first allocation of a front that keeps to the budget, verified on samples that the search never saw. */
export async function choose(search: Search, list: readonly Allocation[]): Promise<Chosen> {
  const { budget } = search.chosen
  const tolerance = toleranceOf(budget)
  if (tolerance === null) return withinBytes(list, 'megabytes' in budget ? budget.megabytes : 0)
  const { judge, notes } = await judgeOf(search, tolerance)
  if (wantsSpeed(budget) && list.length === 1)
    return {
      index: 0,
      verified: 'No layer is faster in low precision than in float by more than noise: everything stays in float.',
      judge,
      notes,
    }
  let last = ''
  const index = await firstAccepted(list, async (allocation) => {
    const { within, said } = await judge(allocation)
    if (within) last = said
    return within
  })
  if (index === list.length - 1 && last === '')
    return { index, verified: 'No mixture kept to the budget on the judged samples: everything stays in float.', judge, notes }
  return { index, verified: last, judge, notes }
}

function withinBytes(list: readonly Allocation[], most: number): Chosen {
  const fitting = list.filter(({ bytes }) => bytes <= most * 1e6)
  if (fitting.length === 0) throw tooSmall(most, list[0] as Allocation)
  const best = fitting.reduce((quietest, each) => (each.noise < quietest.noise ? each : quietest))
  const said = (allocation: Allocation) => `The quantizable weights take ${megabytes(allocation)} of ${most} MB.`
  const judge: Judge = async (allocation) => ({ within: allocation.bytes <= most * 1e6, said: said(allocation) })
  return { index: list.indexOf(best), verified: said(best), judge, notes: [] }
}

/** Judges an allocation on the selection samples (on the calibration samples without any). */
async function judgeOf(search: Search, tolerance: Tolerance): Promise<Pick<Chosen, 'judge' | 'notes'>> {
  const { context, model, units } = search
  const samples = firstSamples(context.dataset?.selection ?? calibrationOf(search), judgedSamples, model)
  const { against, notes } = await comparedOn(search, samples, context.dataset?.selection ? 'selection sample' : 'calibration sample')
  const source = (count: number) =>
    context.dataset?.selection
      ? `${quantity(count, 'sample')} that the search never saw`
      : `${quantity(count, 'calibration sample')}, since there are no others`
  const before = 'points' in tolerance ? await context.evaluate(model) : null
  const judge: Judge = async (allocation) => {
    const candidate = await mixture(search, assignmentOf(units, allocation), 'result')
    const compared = await against(candidate)
    const quiet = decibels(compared.noise)
    const heard = `${decibelText(compared.noise)} on ${source(samples.count)}.`
    if (before === null || !('points' in tolerance)) {
      const least = 'decibels' in tolerance ? tolerance.decibels : Number.NEGATIVE_INFINITY
      return { within: quiet >= least, said: heard }
    }
    if (before.metric === 'sqnr')
      return {
        within: quiet >= withoutLabels,
        said: `${heard} Without labels there are no points to count: ${withoutLabels} dB were asked for.`,
      }
    return withinPoints({ before, after: await context.evaluate(candidate), points: tolerance.points, compared, source })
  }
  return { judge, notes }
}

type Score = Awaited<ReturnType<PassContext['evaluate']>>

interface Verdict {
  readonly before: Score
  readonly after: Score
  readonly points: number
  readonly compared: Compared
  /** Tells of that many samples. */
  readonly source: (count: number) => string
}

function withinPoints({ before, after, points, compared, source }: Verdict): { within: boolean; said: string } {
  const { metric, value, higherIsBetter, samples } = before
  const words = `${metric} ${value.toFixed(4)} to ${after.value.toFixed(4)} on ${source(samples)}, ${decibelText(compared.noise)}`
  if (!higherIsBetter) return withinRise({ before, after, allowed: points / 50, words })
  const changed = changedAnswers(compared, value - after.value)
  const upper = upperLoss(value - after.value, { rows: compared.rows, changed })
  // That no answer changed on a few samples is no proof that none will.
  const bound =
    changed === 0
      ? `none of ${quantity(compared.rows, 'answer')} changed`
      : `the loss is at most ${(100 * Math.max(0, upper)).toFixed(2)} points with 95 % confidence`
  return { within: 100 * upper <= points, said: `${words}; ${bound}.` }
}

interface Risen {
  readonly before: Score
  readonly after: Score
  /** As a share. */
  readonly allowed: number
  readonly words: string
}

/** Perplexities and errors: what they rise by on other samples, at most. */
function withinRise({ before, after, allowed, words }: Risen): { within: boolean; said: string } {
  const measured = after.value / before.value - 1
  const bound = before.losses && after.losses && upperRise(before.losses, after.losses, before.metric === 'perplexity')
  if (bound === null) return { within: measured <= allowed, said: `${words}; too few samples to say how sure that is.` }
  return {
    within: Math.max(measured, bound) <= allowed,
    said: `${words}; the rise is at most ${(100 * Math.max(0, bound)).toFixed(2)} % with 95 % confidence.`,
  }
}

/** Answers are compared as the graph defines them, and judged by this machine's kernels, with which more may change. */
const changedAnswers = ({ rows, changed }: Compared, loss: number): number => Math.max(changed, Math.round(Math.abs(loss) * rows))

export const megabytes = ({ bytes }: Pick<Allocation, 'bytes'>): string => (bytes / 1e6).toFixed(2)

const tooSmall = (asked: number, smallest: Allocation): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'budget-too-small',
    what: `${asked} MB is less than the smallest mixture of these precisions takes (${megabytes(smallest)} MB)`,
    where: { path: 'budget.megabytes' },
    mend: 'Allow more, or add int4 to the precisions.',
  })
