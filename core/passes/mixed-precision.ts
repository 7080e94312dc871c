import { z } from 'zod'
import { ProblemError } from '../api/problem.ts'
import type { Model } from '../ir/model.ts'
import { typedArrayOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import { onePart, type Pass, type PassContext } from '../pass.ts'
import { type Allocation, firstAccepted, front, type Unit } from '../quantize/allocation.ts'
import { type Compared, compare, decibels, upperLoss } from '../quantize/judgement.ts'
import { keptNodes } from '../quantize/keep.ts'
import { type Assignment, bytesAt, lowPrecisions, type MixedUnit, others, type Precision, unitsOf } from '../quantize/mixture.ts'
import { nothingToQuantize, refuseQuantized } from '../quantize/problems.ts'
import { firstSamples } from '../quantize/sample-feeds.ts'
import { compared } from '../quantize/slower.ts'
import { perChannelOpset, whyNotRaised } from './least-opset.ts'
import { quantizeDynamic } from './quantize-dynamic.ts'
import { quantizeStatic } from './quantize-static.ts'
import { quantizeWeights } from './quantize-weights.ts'

const budget = z.union([
  z.strictObject({
    points: z.number().nonnegative().describe('Accuracy that may be lost, in points; perplexity may rise by twice as many percent.'),
  }),
  z.strictObject({ decibels: z.number().describe('Least signal-to-noise ratio of the first output.') }),
  z.strictObject({ megabytes: z.number().positive().describe('Most bytes that the weights of quantizable layers may take.') }),
])

const options = z.strictObject({
  budget: budget.default({ points: 0.5 }).describe('What the mixture may cost.'),
  precisions: z
    .array(z.enum(lowPrecisions))
    .min(1)
    .default(['int8'])
    .describe('int8 computes in 8 bits (convolutions on calibrated ranges, products on their own); int4 stores weights in 4 bits.'),
  samples: z.int().positive().default(32).describe('Calibration samples on which every layer is tried.'),
  seconds: z
    .number()
    .positive()
    .default(600)
    .describe('Time for trying layers, the heaviest first. What is not tried by then stays in float.'),
  embeddings: z.boolean().default(true).describe('Store embedding tables in 8 bits.'),
  revertSlower: z
    .boolean()
    .default(false)
    .describe(
      'Time the result with each lowered layer in float instead, and leave those in float that are slower in low precision on this machine.',
    ),
  keep: z.array(z.string()).default([]).describe('Node references or scopes that stay in float, whatever the search says.'),
})
type Options = z.infer<typeof options>

/** Rows on which a mixture is compared with float when it is verified. */
const judgedRows = 512

export const mixedPrecision: Pass<Options> = {
  id: 'mixed-precision',
  version: 3,
  title: 'Mix precisions',
  summary:
    'Finds, by trying each layer alone, which layers can go to lower precision within a budget, and verifies it on samples the search never saw.',
  family: 'precision',
  fidelity: 'lossy',
  options,
  pointless: (model, { keep }) =>
    unitsOf(model, keptNodes(model, keep), true).length === 0 ? nothingToQuantize(model) : whyNotRaised(model, perChannelOpset),
  atMost: (model, { keep, precisions }) =>
    unitsOf(model, keptNodes(model, keep), precisions.includes('int8')).reduce((sum, { nodes }) => sum + nodes.length, 0),
  async run(model, chosen, context) {
    if (!context.dataset?.calibration) throw noSamples()
    refuseQuantized(model)
    const units = unitsOf(model, keptNodes(model, chosen.keep), chosen.precisions.includes('int8'))
    const search: Search = { model, chosen, context: remembering(context), units }
    const trials = await tryEach(search)
    const list = front(trials)
    const { index, verified } = await choose(search, list)
    const allocation = list[index] as Allocation
    const { assignment, figures } = await withoutSlower(search, assignmentOf(units, allocation))
    const result = await mixture(search, assignment, 'result')
    return onePart(result, result !== model, [...describe(units, trials, list, allocation), verified, ...figures])
  },
}

interface Search {
  readonly model: Model
  readonly chosen: Options
  readonly context: PassContext
  readonly units: readonly MixedUnit[]
}

/** Ranges of the float model are the same for every mixture: each value is observed once. */
function remembering(context: PassContext): PassContext {
  const known = new Map<string, unknown>()
  const keyOf = (call: object) => JSON.stringify(call)
  return {
    ...context,
    progress: () => undefined,
    async observe(model, samples, calls) {
      const missing = calls.filter((call) => !known.has(keyOf(call)))
      if (missing.length > 0) {
        const found = await context.observe(model, samples, missing)
        for (const call of missing) known.set(keyOf(call), found[call.key])
      }
      return Object.fromEntries(calls.map((call) => [call.key, known.get(keyOf(call))]))
    },
  }
}

/** The error of the first output when one unit alone is at one precision, for all units and precisions. */
async function tryEach(search: Search): Promise<Unit[]> {
  const { units, chosen, context } = search
  const samples = context.dataset?.calibration as NonNullable<NonNullable<PassContext['dataset']>['calibration']>
  const { feeds } = firstSamples(samples, chosen.samples)
  const outputsOf = outputsOn(context, feeds)
  const reference = await outputsOf(search.model)
  const tried = new Map<MixedUnit, Unit>()
  const started = performance.now()
  for (const unit of [...units].sort((a, b) => b.weights - a.weights)) {
    context.signal.throwIfAborted()
    const choices = [{ precision: 'float32', bytes: bytesAt(unit, 'float32'), noise: 0 }]
    const inTime = performance.now() - started < 1000 * chosen.seconds
    for (const precision of inTime ? chosen.precisions : []) {
      if (precision === 'int4' && unit.kind === 'convolution') continue
      const only = new Map(unit.nodes.map((id) => [id, precision] as const))
      const { values, width } = await outputsOf(await mixture(search, only, 'trial'))
      choices.unshift({ precision, bytes: bytesAt(unit, precision), noise: compare(reference.values, values, width).noise })
    }
    tried.set(unit, { name: unit.name, choices })
    context.progress(tried.size, units.length)
  }
  return units.map((unit) => tried.get(unit) as Unit)
}

/** Runs versions on one batch; the first output as rows of its last axis. */
function outputsOn(context: PassContext, feeds: Parameters<PassContext['execute']>[1]) {
  return async (model: Model): Promise<{ values: Float32Array; width: number }> => {
    const name = model.graph.outputs[0]?.name as string
    const output = (await context.execute(model, feeds, [name]))[name]
    if (output === undefined || output.dtype !== 'float32') throw noFloatOutput(name)
    return { values: typedArrayOf(tensorOf(output.dtype, output.dims, output.data)) as Float32Array, width: output.dims.at(-1) ?? 1 }
  }
}

const assignmentOf = (units: readonly MixedUnit[], { picks }: Allocation): Assignment =>
  new Map(units.flatMap(({ nodes }, index) => nodes.map((id) => [id, picks[index]?.precision as Precision] as const)))

/**
 * The model with every node at its precision. What the search found out takes the place of the guards of the passes; a trial of one layer goes
 * without adaptive rounding, which costs more than it tells.
 */
async function mixture({ model, chosen, context }: Search, assignment: Assignment, purpose: 'trial' | 'result'): Promise<Model> {
  const embeddings = purpose === 'result' && chosen.embeddings
  const rounding = purpose === 'result' ? 'auto' : 'nearest'
  const eight = () => others(version, assignment, 'int8')
  let version = model.fork()
  const apply = async <O>(pass: Pass<O>, given: object) => {
    const result = await pass.run(version, pass.options.parse(given), context)
    version = result.parts[0] as Model
  }
  if (context.dataset?.calibration)
    await apply(quantizeStatic, { operators: ['Conv'], embeddings: false, leastDecibels: null, rounding, keep: eight() })
  await apply(quantizeDynamic, { smallest: 0, embeddings, keep: eight() })
  const four = others(version, assignment, 'int4')
  await apply(quantizeWeights, { smallest: 0, embeddings: null, method: 'rtn', output: 4, keep: four })
  return version
}

interface Reverted {
  readonly assignment: Assignment
  /** A sentence for each unit that went back, with both times. */
  readonly figures: readonly string[]
}

/** Leaves in float what is slower in low precision: unit by unit, the smallest first, each against the best version so far. */
async function withoutSlower(search: Search, assignment: Assignment): Promise<Reverted> {
  const { units, chosen, context } = search
  if (!chosen.revertSlower) return { assignment, figures: [] }
  const samples = context.dataset?.calibration as NonNullable<NonNullable<PassContext['dataset']>['calibration']>
  const { feeds } = firstSamples(samples, 1)
  const figures: string[] = []
  // How weights are rounded changes no time.
  let best = { assignment, model: await mixture(search, assignment, 'trial') }
  const started = performance.now()
  for (const unit of [...units].sort((a, b) => a.weights - b.weights)) {
    context.signal.throwIfAborted()
    if (performance.now() - started > 1000 * chosen.seconds) {
      figures.push('Not all layers were timed for want of time.')
      break
    }
    if (unit.nodes.every((id) => best.assignment.get(id) === 'float32')) continue
    if ('megabytes' in chosen.budget && bytesOf(units, best.assignment) + bytesAt(unit, 'float32') > chosen.budget.megabytes * 1e6) continue
    const reverted: Assignment = new Map([...best.assignment, ...unit.nodes.map((id) => [id, 'float32'] as const)])
    const model = await mixture(search, reverted, 'trial')
    const { before, after, faster } = compared(await context.time([best.model, model], feeds))
    if (!faster) continue
    best = { assignment: reverted, model }
    figures.push(`${unit.name} is back in float: a run takes ${after.toFixed(3)} ms instead of ${before.toFixed(3)} ms on this machine.`)
  }
  if (figures.length === 0) figures.push('No layer is slower in low precision than in float on this machine.')
  return { assignment: best.assignment, figures }
}

const bytesOf = (units: readonly MixedUnit[], assignment: Assignment): number =>
  units.reduce((sum, unit) => sum + bytesAt(unit, assignment.get(unit.nodes[0] as string) ?? 'float32'), 0)

interface Chosen {
  readonly index: number
  /** How the choice was verified, for the report. */
  readonly verified: string
}

async function choose(search: Search, list: readonly Allocation[]): Promise<Chosen> {
  const { budget: limit } = search.chosen
  if ('megabytes' in limit) {
    const fitting = list.filter(({ bytes }) => bytes <= limit.megabytes * 1e6)
    if (fitting.length === 0) throw tooSmall(limit.megabytes, list[0] as Allocation)
    return {
      index: fitting.length - 1,
      verified: `The quantizable weights take ${megabytes(fitting.at(-1) as Allocation)} of ${limit.megabytes} MB.`,
    }
  }
  const judge = await judgeOf(search)
  let last = ''
  const index = await firstAccepted(list, async (allocation) => {
    const { within, said } = await judge(allocation)
    if (within) last = said
    return within
  })
  if (index === list.length - 1 && last === '')
    return { index, verified: 'No mixture kept to the budget on the judged samples: everything stays in float.' }
  return { index, verified: last }
}

/** Judges an allocation on the selection samples (on the calibration samples without any). */
async function judgeOf(search: Search): Promise<(allocation: Allocation) => Promise<{ within: boolean; said: string }>> {
  const { context, chosen, model, units } = search
  const judged = context.dataset?.selection ?? context.dataset?.calibration
  const { feeds, count } = firstSamples(judged as NonNullable<typeof judged>, judgedRows)
  const outputsOf = outputsOn(context, feeds)
  const reference = await outputsOf(model)
  const source = context.dataset?.selection ? 'samples that the search never saw' : 'calibration samples, since there are no others'
  const limit = chosen.budget
  const before = 'points' in limit ? await context.evaluate(model) : null
  return async (allocation) => {
    const candidate = await mixture(search, assignmentOf(units, allocation), 'result')
    const { values, width } = await outputsOf(candidate)
    const compared = compare(reference.values, values, width)
    const quiet = decibels(compared.noise)
    if (before === null || !('points' in limit)) {
      const least = 'decibels' in limit ? limit.decibels : Number.NEGATIVE_INFINITY
      return { within: quiet >= least, said: `${quiet.toFixed(1)} dB on ${count} ${source}.` }
    }
    return withinPoints({ before, after: await context.evaluate(candidate), points: limit.points, compared, source })
  }
}

type Score = Awaited<ReturnType<PassContext['evaluate']>>

interface Verdict {
  readonly before: Score
  readonly after: Score
  readonly points: number
  readonly compared: Compared
  readonly source: string
}

function withinPoints({ before, after, points, compared, source }: Verdict): { within: boolean; said: string } {
  const { metric, value, higherIsBetter, samples } = before
  const quiet = `${decibels(compared.noise).toFixed(1)} dB`
  const words = `${metric} ${value.toFixed(4)} to ${after.value.toFixed(4)} on ${samples} ${source}, ${quiet}`
  if (!higherIsBetter) return { within: after.value <= value * (1 + points / 50), said: `${words}.` }
  const upper = upperLoss(value - after.value, compared)
  // That no answer changed on a few samples is no proof that none will.
  const bound =
    compared.changed === 0
      ? `none of ${compared.rows} answers changed`
      : `the loss is at most ${(100 * Math.max(0, upper)).toFixed(2)} points with 95 % confidence`
  return { within: 100 * upper <= points, said: `${words}; ${bound}.` }
}

const megabytes = ({ bytes }: Allocation): string => (bytes / 1e6).toFixed(2)

/** Points of the front that are named in the report. */
const shownPoints = 6

function describe(units: readonly MixedUnit[], trials: readonly Unit[], list: readonly Allocation[], chosen: Allocation): string[] {
  const counts = new Map<string, number>()
  for (const { precision } of chosen.picks) counts.set(precision, (counts.get(precision) ?? 0) + 1)
  const mixtureText = [...counts].map(([precision, count]) => `${count} in ${precision}`).join(', ')
  const loudest = trials
    .map(({ name, choices }) => ({ name, noise: choices[0]?.noise ?? 0 }))
    .sort((a, b) => b.noise - a.noise)
    .slice(0, 3)
  const step = Math.max(1, Math.floor(list.length / shownPoints))
  const points = list
    .filter((_, index) => index % step === 0)
    .map((each) => `${megabytes(each)} MB at ${decibels(each.noise).toFixed(1)} dB`)
  const untried = trials.filter(({ choices }) => choices.length === 1).length
  return [
    `Of ${units.length} units ${mixtureText}; their weights take ${megabytes(chosen)} MB.`,
    ...(untried === 0 ? [] : [`${untried} of them were not tried for want of time.`]),
    ...attentionChoice(units, trials, chosen),
    `Most sensitive: ${loudest.map(({ name, noise }) => `${name} (${decibels(noise).toFixed(1)} dB alone)`).join('; ')}.`,
    `Estimated front: ${points.join(', ')}.`,
  ]
}

/** What it would take and bring to leave the projections of attention (products that share an input) in float. */
function attentionChoice(units: readonly MixedUnit[], trials: readonly Unit[], { picks, bytes, noise }: Allocation): string[] {
  const projections = units.flatMap(({ kind, nodes }, index) => (kind === 'product' && nodes.length >= 3 ? index : []))
  const lowered = projections.filter((index) => picks[index]?.precision !== 'float32')
  if (lowered.length === 0) return []
  const change = (of: 'bytes' | 'noise') =>
    lowered.reduce((sum, index) => sum + (trials[index]?.choices.at(-1)?.[of] ?? 0) - (picks[index]?.[of] ?? 0), 0)
  const raised = { bytes: bytes + change('bytes'), noise: Math.max(0, noise + change('noise')) }
  return [
    `With query, key and value in float (${lowered.length} units) an estimated ${decibels(raised.noise).toFixed(1)} dB at ${(raised.bytes / 1e6).toFixed(2)} MB instead of ${decibels(noise).toFixed(1)} dB.`,
  ]
}

const noSamples = (): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'no-calibration-data',
    what: 'Mixing precisions needs samples to try each layer on, and there are none',
    where: { path: 'calibration' },
    mend: 'Give a dataset with a `calibration` entry (--data).',
  })

const noFloatOutput = (tensor: string): ProblemError =>
  new ProblemError({
    kind: 'unsupported',
    code: 'output-not-float',
    what: 'The first output, by which layers are judged, is not float32',
    where: { tensor },
    mend: 'Put an output of float32 first, or choose the precisions by hand with `keep`.',
  })

const tooSmall = (asked: number, smallest: Allocation): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'budget-too-small',
    what: `${asked} MB is less than the smallest mixture of these precisions takes (${megabytes(smallest)} MB)`,
    where: { path: 'budget.megabytes' },
    mend: 'Allow more, or add int4 to the precisions.',
  })
