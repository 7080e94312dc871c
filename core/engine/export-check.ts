import type { Exported } from '../api/answers.ts'
import type { Accuracy, Unavailable } from '../api/measurement.ts'
import { problemOf } from '../api/problem.ts'
import { generatedData, type SampleData } from '../data/open.ts'
import { feedsOf, type Samples } from '../data/samples.ts'
import { judgeAccuracy } from '../measure/accuracy.ts'
import { latencyOf, median } from '../measure/statistics.ts'
import { feedsFor, outputsOf, sourceBorders } from '../pipeline/borders.ts'
import { createWorkbench } from '../pipeline/place.ts'
import type { Feeds, Outputs } from '../runtime/session.ts'
import { type Agreement, agreementOf } from './agreement.ts'
import type { Draft, DraftInput, Limits, Ran } from './export.ts'
import { withSizes } from './fixed-sizes.ts'
import { generatedApart } from './generated.ts'
import type { Control } from './interface.ts'
import { defaultThreads } from './threads.ts'

/** Samples that a written file is checked on. */
const checkedSamples = 32
const generatedSamples = 4
/** Milliseconds that judging the task may take, about. */
const mostJudgingMs = 60_000
const seed = 7

type Verification = Exported['verification']

/** Samples of a dataset: those for judging first. */
export const firstOf = ({ evaluation, calibration, selection }: SampleData): Samples | null => evaluation ?? calibration ?? selection

/** What checking a written file found, and what must be told beside its figures. */
export interface Checked {
  readonly verification: Verification
  readonly notes: readonly string[]
}

const unchecked = (verification: Unavailable): Checked => ({ verification, notes: [] })

/** Runs the version and the written file on the same samples, and judges both by the task where a dataset was given. */
export async function verified(input: DraftInput, draft: Draft, file: string, control: Control): Promise<Checked> {
  const { request } = input
  if (request.check === false) return unchecked({ unavailable: 'not asked for' })
  const given = await samplesFor(input)
  if ('unavailable' in given) return unchecked(given)
  const first = await referenceOn(given, input, draft, control)
  // Where nobody said how long inputs are, the model may only run on longer ones.
  const other = 'unavailable' in first && !request.verify ? await otherSamples(input) : null
  const referenced = other === null ? first : await referenceOn(other, input, draft, control)
  if ('unavailable' in referenced) return unchecked(first as Unavailable)
  const { samples, feeds, reference } = referenced
  const ran = await draft.run(file, feeds)
  const found = agreementOf(reference, ran.outputs)
  if (found.fault === null && found.compared === 0) return unchecked(nothingCompared(found))
  const strict = shortfall(found, draft.limits)
  const rounding = strict === null || !draft.limits?.mostRelative ? null : await roundingOf(input, draft, { feeds, control, reference })
  const why = rounding === null ? strict : shortfall(found, allowing(draft.limits, rounding))
  const { maxAbs, maxRelative, cosine, agreement } = found
  const verification = {
    ...{ maxAbs, maxRelative, cosine, agreement, samples: found.samples, inputs: samples.description, passed: why === null, why },
    rounding,
    latencyMs: latencyIn(ran),
    accuracy: await taskAccuracy({ input, draft, file, ran, control }),
    ranBy: ran.timed?.by ?? 'ONNX Runtime',
  }
  return { verification, notes: [...nonFiniteNotes(found), ...(why === null ? allowanceNotes(found, draft.limits, rounding) : [])] }
}

/** What a file that is further off than float files may be was held to instead. */
export function allowanceNotes({ maxRelative }: Pick<Agreement, 'maxRelative'>, limits: Limits | null, rounding: number | null): string[] {
  if (rounding === null || limits?.mostRelative == null || maxRelative <= limits.mostRelative) return []
  const [found, own] = [maxRelative, rounding].map((each) => each.toPrecision(2))
  return [
    `The largest difference is ${found} of an output's scale, past the ${limits.mostRelative} that is asked for elsewhere. Rounding alone can be that far: ONNX Runtime is ${own} from itself when it computes in another order, and ${roundingAllowance} times that is allowed.`,
  ]
}

function nothingCompared({ nonFinite: { same, other } }: Agreement): Unavailable {
  if (same + other === 0) return { unavailable: 'nothing was compared: the outputs hold no elements' }
  const inFile = other === 0 ? 'and the same in the file' : `and ${other} of ${same + other} are something else in the file`
  return { unavailable: `nothing finite was compared: every output of the model is NaN or infinite throughout, ${inFile}` }
}

function nonFiniteNotes({ compared, nonFinite: { same, other } }: Agreement): string[] {
  const all = compared + same + other
  const told = (count: number, inFile: string) => `${count} of ${all} checked output elements are NaN or infinite in the model ${inFile}.`
  return [
    ...(same === 0 ? [] : [told(same, 'and the same in the file; the figures speak of the others')]),
    ...(other === 0 ? [] : [told(other, 'and something else in the file, which no figure shows')]),
  ]
}

/** Why a file is not what it should be, `null` when it is. */
function shortfall({ fault, maxRelative, cosine, agreement }: Agreement, limits: Limits | null): string | null {
  if (fault !== null) return fault
  if (limits === null) return null
  const { leastCosine, mostRelative, keepsTop } = limits
  if (cosine < leastCosine) return `the cosine is ${cosine.toPrecision(6)}, at least ${leastCosine} is wanted`
  if (mostRelative !== null && maxRelative > mostRelative)
    return `the largest difference is ${maxRelative.toPrecision(3)} of an output's scale, at most ${mostRelative} is allowed`
  return keepsTop && agreement < 1 ? `${((1 - agreement) * 100).toPrecision(2)} % of the rows have another largest element` : null
}

interface Referenced {
  readonly samples: Samples
  readonly feeds: readonly Feeds[]
  readonly reference: readonly Outputs[]
}

async function referenceOn(samples: Samples, input: DraftInput, draft: Draft, control: Control): Promise<Referenced | Unavailable> {
  const feeds = await feedsFrom(samples)
  const reference = await outputsOfModel(input, draft, { feeds, control })
  return 'unavailable' in reference ? reference : { samples, feeds, reference }
}

/** How many times as far as the runtime is from itself a file may be from the runtime. */
const roundingAllowance = 8

/**
 * How far onnxruntime is from itself when it computes the version in another order (its own rewriting left out): what rounding alone does to
 * this model. Deep networks amplify it, on made-up inputs above all.
 */
async function roundingOf(
  input: DraftInput,
  draft: Draft,
  { feeds, control, reference }: { feeds: readonly Feeds[]; control: Control; reference: readonly Outputs[] },
): Promise<number> {
  const other = draft.referenceLevel === 'all' ? 'disabled' : 'all'
  const again = await referenceOutputs(input, { ...draft, referenceLevel: other }, { feeds, control })
  return agreementOf(reference, again).maxRelative
}

const allowing = (limits: Limits | null, rounding: number): Limits | null =>
  limits === null || limits.mostRelative === null
    ? limits
    : { ...limits, mostRelative: Math.max(limits.mostRelative, rounding * roundingAllowance) }

/** What the model itself cannot be run on keeps a file from being checked, not from being written; a dataset that was given must fit. */
async function outputsOfModel(
  input: DraftInput,
  draft: Draft,
  given: { feeds: readonly Feeds[]; control: Control },
): Promise<Outputs[] | Unavailable> {
  try {
    return await referenceOutputs(input, draft, given)
  } catch (error) {
    const { kind, what } = problemOf(error)
    const excused = kind === 'runtime' || kind === 'unsupported'
    if (!excused || (input.request.verify && input.request.force !== true)) throw error
    return { unavailable: `the model could not be run itself, so the file was not checked: ${what}` }
  }
}

/** A conversion is judged beside the version that it converts, an .onnx file beside the model that was opened. */
async function referenceOutputs(
  { workshop, found, signal }: DraftInput,
  draft: Draft,
  { feeds, control }: { feeds: readonly Feeds[]; control: Control },
): Promise<Outputs[]> {
  const beside = draft.limits === null ? { model: found.source.model, borders: sourceBorders } : found
  const workbench = createWorkbench(workshop.store)
  try {
    const model = await workbench.fileOf(beside.model)
    const session = { model, provider: 'cpu', threads: defaultThreads(), level: draft.referenceLevel } as const
    const outputs: Outputs[] = []
    for (const [at, each] of feeds.entries()) {
      control.onProgress?.('verify', at, feeds.length)
      const given = await workshop.runtime.execute({ session, feeds: feedsFor(each, beside.borders), wanted: [] }, { signal })
      outputs.push(outputsOf(given, beside.borders))
    }
    return outputs
  } finally {
    await workbench.remove()
  }
}

const latencyIn = ({ timed }: Ran) =>
  timed === null || timed.runMs.length < 2 ? { unavailable: 'not timed: bench does that' } : latencyOf(timed.runMs, seed)

interface JudgeInput {
  readonly input: DraftInput
  readonly draft: Draft
  readonly file: string
  readonly ran: Ran
  readonly control: Control
}

/** The dataset's metric of the model as it was opened and of the written file, each in its own runtime. */
async function taskAccuracy({ input, draft, file, ran, control }: JudgeInput): Promise<Accuracy | Unavailable> {
  const { workshop, found, data, signal } = input
  const samples = data?.evaluation ?? data?.selection ?? null
  if (data === null || samples === null) return { unavailable: 'no dataset with evaluation samples was given' }
  const output = data.metric.output ?? found.source.model.graph.outputs[0]?.name ?? ''
  const candidate = draft.judged(file, output)
  if (candidate === null) return { unavailable: 'the report has the accuracy of the version' }
  const workbench = createWorkbench(workshop.store)
  try {
    const model = await workbench.fileOf(found.source.model)
    const threads = defaultThreads()
    const onProgress = (done: number, of: number) => control.onProgress?.('judge', done, of)
    return await judgeAccuracy({
      baseline: { session: { model, provider: 'cpu', threads, level: draft.referenceLevel }, sources: {}, output },
      candidate,
      samples: atMost(samples, mostJudgingMs / Math.max(0.1, median(ran.timed?.runMs ?? [1]))),
      metric: data.metric,
      batch: 1,
      seed,
      bench: { runtime: workshop.runtime, provider: 'cpu', threads, control: { signal, onProgress } },
    })
  } catch (error) {
    const problem = problemOf(error)
    // A metric that does not fit this output keeps the file from being judged, not from being written.
    if (problem.kind !== 'input') throw error
    return { unavailable: problem.what }
  } finally {
    await workbench.remove()
  }
}

/** The first samples of a table. */
function atMost(samples: Samples, most: number): Samples {
  const { table, description } = samples
  const count = Math.max(1, Math.floor(most))
  if (table.count <= count) return samples
  return { ...samples, table: { ...table, id: `${table.id} ${count}`, count }, description: `the first ${count} of the ${description}` }
}

/** The dataset's samples, or made-up ones of the sizes that were asked for. */
async function samplesFor({ request, workshop, found, samples }: DraftInput): Promise<Samples | Unavailable> {
  const empty = { unavailable: 'the dataset has no samples' }
  if (request.verify) return samples ?? empty
  try {
    const { graph } = withSizes(found.source.model, request.sizes ?? {})
    return firstOf(await generatedData({ graph, store: workshop.store, count: generatedSamples })) ?? empty
  } catch (error) {
    const problem = problemOf(error)
    // Inputs that nobody can make up keep a model from being checked, not from being written.
    if (problem.kind !== 'unsupported') throw error
    return { unavailable: problem.what }
  }
}

/** Made-up samples of other lengths, for a model that does not run on the usual ones; `null`: there are none on which it does. */
async function otherSamples({ request, workshop: { store, runtime }, found, signal }: DraftInput): Promise<Samples | null> {
  const bench = { store, runtime, provider: 'cpu', threads: defaultThreads(), seed }
  const data = await generatedApart(withSizes(found.source.model, request.sizes ?? {}), bench, signal)
  const samples = data && firstOf(data)
  return samples && atMost(samples, generatedSamples)
}

async function feedsFrom({ table }: Samples): Promise<Feeds[]> {
  const feeds: Feeds[] = []
  for (let at = 0; at < Math.min(table.count, checkedSamples); at++) feeds.push(await feedsOf(table, at, 1))
  return feeds
}
