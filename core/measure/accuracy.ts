import type { Metric } from '../api/dataset.ts'
import type { Accuracy, Unavailable, Verdict } from '../api/measurement.ts'
import { exactDecibels } from '../api/metric.ts'
import { labelColumnName, type Samples, withLabels } from '../data/samples.ts'
import type { Agreement } from '../observe/agreement.ts'
import type { Classification } from '../observe/classification.ts'
import type { Losses } from '../observe/losses.ts'
import type { Perplexity } from '../observe/perplexity.ts'
import type { ReducerCall } from '../observe/reducer.ts'
import type { Regression } from '../observe/regression.ts'
import type { Deviation } from '../observe/sqnr.ts'
import type { InputSource, SessionSpec } from '../runtime/session.ts'
import { incomparable } from './incomparable.ts'
import { bootstrap, fewestForVerdict, type Interval, mcnemar, pairedDifference, pairedShares, wilson } from './statistics.ts'
import type { Bench } from './version.ts'

/** One side of a judgement: a deployed version, how it is fed, and what it calls an output of the baseline. */
export interface Judged {
  readonly session: SessionSpec
  readonly sources: Readonly<Record<string, InputSource>>
  readonly output: string
}

export interface AccuracyInput {
  readonly baseline: Judged
  readonly candidate: Judged
  readonly samples: Samples
  readonly metric: Metric
  readonly batch: number
  readonly seed: number
  readonly bench: Bench
}

/** The task metric of both versions, as deployed, on the same samples, with a paired test. */
export async function judgeAccuracy(input: AccuracyInput): Promise<Accuracy | Unavailable> {
  return (await judgeSamples(input)).accuracy
}

export interface JudgedSamples {
  readonly accuracy: Accuracy | Unavailable
  /** Of the candidate; `null` for metrics that are not made of losses. */
  readonly losses: Losses | null
}

/** The same with what each sample loses, for those who compare further versions with the candidate. */
export async function judgeSamples(input: AccuracyInput): Promise<JudgedSamples> {
  const { samples, bench, baseline, candidate, batch } = input
  const { calls, judge, losses } = metrics[input.metric.kind]
  const request = {
    sessions: [baseline.session, candidate.session],
    samples: withLabels(samples),
    batch,
    calls: calls(input),
    io: [baseline.sources, candidate.sources],
  }
  const results = await bench.runtime.observe(request, bench.control)
  const figures = judge(results, input.seed)
  if ('unavailable' in figures) return { accuracy: figures, losses: null }
  const hindrance = notFinite(input.metric.kind, figures)
  if (hindrance !== null) return { accuracy: hindrance, losses: null }
  const accuracy = { metric: input.metric.kind, samples: samples.table.count, judgedOn: samples.description, ...figures }
  return { accuracy, losses: losses?.(results.candidate) ?? null }
}

/** Outputs with NaN or infinity give a metric that is no number; nor is one of no samples. */
function notFinite(metric: string, { baseline, candidate, low, high }: Figures): Unavailable | null {
  if (!Number.isFinite(baseline)) return { unavailable: `the ${metric} of the baseline is ${baseline}: its outputs give no finite figure` }
  if (!Number.isFinite(candidate))
    return { unavailable: `the ${metric} of the candidate is ${candidate}: its outputs give no finite figure`, lost: true }
  return Number.isFinite(low) && Number.isFinite(high)
    ? null
    : { unavailable: `the ${metric} of some samples is not finite, so no interval bounds it` }
}

type Figures = Pick<Accuracy, 'baseline' | 'candidate' | 'low' | 'high' | 'verdict'>
type Results = Readonly<Record<string, unknown>>

interface MetricKind {
  calls(input: AccuracyInput): ReducerCall[]
  judge(results: Results, seed: number): Figures | Unavailable
  /** Of one side's result. */
  losses?(side: unknown): Losses
}

const sides = ['baseline', 'candidate'] as const

/** The same reducer on the judged output of both versions, beside the labels (and a mask of them). */
const onBoth =
  (reducer: string, labels: string, { mask, options }: { mask?: string | undefined; options?: unknown } = {}) =>
  (input: AccuracyInput): ReducerCall[] =>
    sides.map((side, session) => ({
      key: side,
      reducer,
      values: [{ session, name: input[side].output }, { session, name: labels }, ...(mask === undefined ? [] : [{ session, name: mask }])],
      ...(options === undefined ? {} : { options }),
    }))

/** One reducer on the judged outputs of both versions together. */
const across =
  (reducer: string) =>
  (input: AccuracyInput): ReducerCall[] => [
    { key: 'both', reducer, values: sides.map((side, session) => ({ session, name: input[side].output })) },
  ]

const pairOf = <T>(results: Results): [T, T] => [results.baseline as T, results.candidate as T]

const metrics: Readonly<Record<Metric['kind'], MetricKind>> = {
  accuracy: {
    calls: onBoth('classification', labelColumnName),
    judge: (results) => shares(...pairOf<Classification>(results), 'correct'),
  },
  top5: {
    calls: onBoth('classification', labelColumnName),
    judge: (results) => shares(...pairOf<Classification>(results), 'correctTop5'),
  },
  f1: { calls: onBoth('classification', labelColumnName), judge: (results, seed) => f1(...pairOf<Classification>(results), seed) },
  mse: {
    calls: onBoth('regression', labelColumnName),
    judge: (results, seed) => errors(...pairOf<Regression>(results), seed),
    losses: (side) => ({ sums: (side as Regression).errors, counts: (side as Regression).errors.map(() => 1) }),
  },
  perplexity: {
    calls: perplexityCalls,
    judge: (results, seed) => perplexities(...pairOf<Perplexity>(results), seed),
    losses: (side) => ({ sums: (side as Perplexity).loss, counts: (side as Perplexity).counts }),
  },
  agreement: { calls: across('agreement'), judge: ({ both }) => agreementOf(both as Agreement) },
  sqnr: { calls: across('sqnr'), judge: ({ both }) => closeness(both as Deviation) },
}

/** Labels where there are some, else the model's own tokens, shifted, without what only fills a sample up. */
function perplexityCalls(input: AccuracyInput): ReducerCall[] {
  if (input.samples.labels !== null) return onBoth('perplexity', labelColumnName)(input)
  const names = input.samples.table.inputs.map(({ name }) => name)
  const tokens = names.find((name) => /input_?ids|tokens/i.test(name)) ?? names[0] ?? ''
  const mask = names.find((name) => /attention_?mask/i.test(name))
  return onBoth('perplexity', tokens, { mask, options: { shift: true } })(input)
}

function shares(baseline: Classification, candidate: Classification, of: 'correct' | 'correctTop5'): Figures | Unavailable {
  if (isUndecided(baseline)) return undecidedBaseline
  const [before, after] = [baseline[of], candidate[of]]
  const lost = before.reduce((count, right, sample) => count + (right === 1 && after[sample] === 0 ? 1 : 0), 0)
  const won = before.reduce((count, right, sample) => count + (right === 0 && after[sample] === 1 ? 1 : 0), 0)
  const { low, high } = pairedShares(lost, won, before.length)
  const clear = mcnemar(lost, won) < 0.05
  const value = of === 'correct' ? 'accuracy' : 'top5'
  return {
    baseline: baseline[value],
    candidate: candidate[value],
    low,
    high,
    verdict: !clear ? 'no clear difference' : won > lost ? 'better' : 'worse',
  }
}

/** A candidate that chooses no class is right about nothing; beside a baseline that never chooses one nothing can be judged. */
const isUndecided = ({ undecided, samples }: Classification): boolean => samples > 0 && undecided === samples
const undecidedBaseline: Unavailable = { unavailable: 'the scores of the baseline are NaN throughout' }

function f1(baseline: Classification, candidate: Classification, seed: number): Figures | Unavailable {
  if (isUndecided(baseline)) return undecidedBaseline
  const { classes } = baseline
  const scoreOf = ({ predicted, labels }: Classification, drawn: Int32Array) => f1Of(predicted, labels, { drawn, classes })
  const interval = bootstrap(baseline.labels.length, (drawn) => scoreOf(candidate, drawn) - scoreOf(baseline, drawn), seed)
  return {
    baseline: baseline.f1,
    candidate: candidate.f1,
    ...interval,
    verdict: direction(interval, baseline.f1, { good: 'higher', count: baseline.samples }),
  }
}

/** As the reducer defines it, over drawn samples. */
function f1Of(predicted: Int32Array, labels: Int32Array, { drawn, classes }: { drawn: Int32Array; classes: number }): number {
  const [hits, seen] = [new Float64Array(classes), new Float64Array(classes)]
  for (const sample of drawn) {
    const [guess, truth] = [predicted[sample] as number, labels[sample] as number]
    if (guess === truth) hits[truth] = (hits[truth] as number) + 1
    seen[guess] = (seen[guess] as number) + 1
    seen[truth] = (seen[truth] as number) + 1
  }
  const scores = [...seen.keys()].filter((k) => (seen[k] as number) > 0).map((k) => (2 * (hits[k] as number)) / (seen[k] as number))
  if (classes === 2) return (seen[1] as number) > 0 ? (2 * (hits[1] as number)) / (seen[1] as number) : 0
  return scores.reduce((sum, score) => sum + score, 0) / scores.length
}

function errors(baseline: Regression, candidate: Regression, seed: number): Figures {
  const interval = pairedDifference(baseline.errors, candidate.errors, seed)
  return {
    baseline: baseline.mse,
    candidate: candidate.mse,
    ...interval,
    verdict: direction(interval, baseline.mse, { good: 'lower', count: baseline.errors.length }),
  }
}

function perplexities(baseline: Perplexity, candidate: Perplexity, seed: number): Figures {
  const over = ({ loss, counts }: Perplexity, drawn: Int32Array) => {
    let [sum, tokens] = [0, 0]
    for (const sample of drawn) {
      sum += loss[sample] as number
      tokens += counts[sample] as number
    }
    return Math.exp(sum / tokens)
  }
  const interval = bootstrap(baseline.loss.length, (drawn) => over(candidate, drawn) - over(baseline, drawn), seed)
  return {
    baseline: baseline.perplexity,
    candidate: candidate.perplexity,
    ...interval,
    verdict: direction(interval, baseline.perplexity, { good: 'lower', count: baseline.loss.length }),
  }
}

/** Rounding alone moves a figure by less than this share of it. */
const roundingShare = 1e-4

/** Drawing from very few samples repeats them: nothing is claimed then. */
function direction({ low, high }: Interval, baseline: number, { good, count }: { good: 'higher' | 'lower'; count: number }): Verdict {
  if (count < fewestForVerdict) return 'no clear difference'
  const smallest = roundingShare * Math.abs(baseline)
  if (low <= smallest && high >= -smallest) return 'no clear difference'
  return low > 0 === (good === 'higher') ? 'better' : 'worse'
}

/** The baseline agrees with itself. Whether what differs is worse, nobody can tell without labels. */
function agreementOf({ agreement, rows, undecided, agree }: Agreement): Figures | Unavailable {
  if (rows === 0)
    return { unavailable: undecided === 0 ? 'the output holds no elements' : 'the scores of both versions are NaN throughout' }
  const same = agree.reduce((sum, each) => sum + each, 0)
  const { low, high } = wilson(same, rows)
  return {
    baseline: 1,
    candidate: agreement,
    low: low - 1,
    high: high - 1,
    verdict: same === rows ? 'no clear difference' : 'not comparable',
  }
}

/** Outputs this near differ by rounding. */
const rounding = 80

function closeness(deviation: Deviation): Figures | Unavailable {
  const hindrance = incomparable(deviation)
  if (hindrance !== null) return hindrance
  const { sqnrDb } = deviation
  const decibels = Math.max(-exactDecibels, Math.min(exactDecibels, sqnrDb ?? exactDecibels))
  const difference = decibels - exactDecibels
  return {
    baseline: exactDecibels,
    candidate: decibels,
    low: difference,
    high: difference,
    verdict: decibels >= rounding ? 'no clear difference' : 'not comparable',
  }
}
