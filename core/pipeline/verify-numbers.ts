import type { Fidelity } from '../api/pipeline.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import type { Verification } from '../api/report.ts'
import { fixedBatch } from '../data/fixed-batch.ts'
import { feedsOf } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import type { Feeds, Outputs, SampleTable } from '../runtime/session.ts'
import { type Borders, feedsFor, outputsOf } from './borders.ts'
import { type Closeness, closeness } from './closeness.ts'
import { firstDiverging } from './first-diverging.ts'
import { nudged, withinOwnRounding } from './own-rounding.ts'
import { type Place, sessionOf } from './place.ts'

/** A version and how the source's samples feed it. */
export interface Checked {
  readonly model: Model
  readonly borders: Borders
}

export interface NumbersInput {
  readonly place: Place
  readonly reference: Checked
  readonly candidate: Checked
  readonly fidelity: Fidelity
  readonly signal: AbortSignal
}

/** Raised when the same outputs would be judged otherwise than before: verdicts are remembered with the stages. */
export const checkVersion = 4

const checkedSamples = 4
const checkedBatch = 3

/**
 * Runs a version and the one before it on the same few samples and judges the outputs by the fidelity of the pass between them.
 * `exact` and `rounding` are judged kernel by kernel, with the runtime's own rewriting off, so that only the pass is judged;
 * what `lossy` costs is taken as deployed. A model that its own last digits move as far as the pass did is told of, and passes.
 */
export async function verifyNumbers(input: NumbersInput): Promise<Verification> {
  const { fidelity, reference, candidate } = input
  const none = { fidelity, maxAbs: null, cosine: null, samples: 0 }
  const { samples } = input.place
  const table = (samples?.calibration ?? samples?.evaluation ?? samples?.selection)?.table
  if (table === undefined) return { ...none, verdict: 'skipped', reason: 'there are no samples, and none can be made up for these inputs' }
  const trials = trialsOf(input, table)
  let total = noOutputs
  let excuse: string | null = null
  for (const { from, count, vital } of trials) {
    const feeds = await feedsOf(table, from, count)
    const before = await attempt(() => outputsFor(input, reference, feeds))
    if ('problem' in before && !vital) continue
    if ('problem' in before) return { ...none, verdict: 'skipped', reason: notRunning(before.problem, samples?.random === true) }
    const after = await attempt(() => outputsFor(input, candidate, feeds))
    if ('problem' in after) return { ...none, verdict: 'rejected', reason: `the runtime cannot run it: ${after.problem.what}` }
    const judged = compareOutputs(before.outputs, after.outputs, fidelity)
    total = farthest(total, judged)
    if (judged.why === null) continue
    excuse = await excused(input, feeds, { before: before.outputs, after: after.outputs })
    if (excuse === null) return refusal(input, feeds, { judged, before: before.outputs, samples: from + count })
  }
  const passed = judgement(fidelity, total, Math.min(table.count, checkedSamples))
  return excuse === null ? passed : { ...passed, reason: excuse }
}

/** Why a pass that only rounds otherwise is not to blame for a difference: the model is that sensitive to rounding. `null` where it is not. */
async function excused(input: NumbersInput, feeds: Feeds, { before, after }: { before: Outputs; after: Outputs }): Promise<string | null> {
  const moved = input.fidelity === 'rounding' ? nudged(input.reference.model) : null
  if (moved === null) return null
  const other = await attempt(() => outputsFor(input, { ...input.reference, model: moved }, feeds))
  const within = 'problem' in other ? null : withinOwnRounding(before, after, other.outputs)
  if (within === null) return null
  const [found, own] = [within.found, within.own].map((each) => each.toPrecision(2))
  return `the outputs differ by up to ${found}, which is rounding here: constants moved by one unit in their last place move them by ${own}`
}

/** Of versions whose outputs are near enough: nothing passes of which not one number was compared. */
function judgement(fidelity: Fidelity, { compared, unequalSpecials, ...figures }: Total, samples: number): Verification {
  const reason = unequalSpecials > 0 ? { reason: `${unequalSpecials} output elements are NaN or infinite in one version alone` } : {}
  const verdict = fidelity === 'lossy' ? 'reported' : 'passed'
  if (compared > 0) return { fidelity, verdict, ...finite(figures), samples, ...reason }
  const none = { fidelity, maxAbs: null, cosine: null, samples }
  if (unequalSpecials > 0) return { ...none, verdict, ...reason }
  return { ...none, verdict: 'skipped', reason: 'nothing finite was compared: no output holds a finite number in either version' }
}

function notRunning({ what, code }: Problem, madeUp: boolean): string {
  const hint = madeUp && code === 'run-failed' ? ' (its inputs were made up; give samples with --data)' : ''
  return `the version before it does not run: ${what}${hint}`
}

interface Trial {
  readonly from: number
  readonly count: number
  /** Whether the version before must be able to run it. */
  readonly vital: boolean
}

/** Single samples, then several at once where the new version still says that it takes any number: sizes that a pass took for granted show there. */
function trialsOf({ reference, candidate }: NumbersInput, table: SampleTable): Trial[] {
  const batch = fixedBatch([reference.model, candidate.model], table)
  if (batch > 1) {
    const runs = Math.min(Math.ceil(table.count / batch), Math.ceil(checkedSamples / batch))
    return Array.from({ length: runs }, (_, run) => ({ from: run * batch, count: batch, vital: true }))
  }
  const singles = Array.from({ length: Math.min(table.count, checkedSamples) }, (_, from) => ({ from, count: 1, vital: true }))
  const open = candidate.model.graph.inputs
    .filter(({ initializer }) => initializer === null)
    .every(({ type }) => type?.kind === 'tensor' && type.shape !== null && typeof type.shape[0] !== 'number' && type.shape.length > 0)
  const batches = open && !table.inputs.some(({ whole }) => whole === true)
  return batches && table.count > 1 ? [...singles, { from: 0, count: Math.min(table.count, checkedBatch), vital: false }] : singles
}

async function outputsFor({ place, fidelity, signal }: NumbersInput, { model, borders }: Checked, feeds: Feeds): Promise<Outputs> {
  const session = sessionOf(place, await place.workbench.fileOf(model), fidelity === 'lossy' ? 'all' : 'disabled')
  return outputsOf(await place.runtime.execute({ session, feeds: feedsFor(feeds, borders), wanted: [] }, { signal }), borders)
}

type Attempt = { readonly outputs: Outputs } | { readonly problem: Problem }

/** What a version gives, or why the runtime refuses it; a cancelled run stays cancelled. */
async function attempt(work: () => Promise<Outputs>): Promise<Attempt> {
  try {
    return { outputs: await work() }
  } catch (error) {
    return { problem: runtimeProblem(error) }
  }
}

function runtimeProblem(error: unknown): Problem {
  const problem = problemOf(error)
  if (problem.kind === 'cancelled' || problem.kind === 'internal') throw error
  return problem
}

/** The farthest of some outputs, and how many of their elements that speaks of. */
type Total = Pick<Closeness, 'maxAbs' | 'cosine' | 'compared' | 'unequalSpecials'>

const noOutputs: Total = { maxAbs: 0, cosine: 1, compared: 0, unequalSpecials: 0 }

const farthest = (a: Total, b: Total): Total => ({
  maxAbs: Math.max(a.maxAbs, b.maxAbs),
  cosine: Math.min(a.cosine, b.cosine),
  compared: a.compared + b.compared,
  unequalSpecials: a.unequalSpecials + b.unequalSpecials,
})

interface Judged extends Total {
  /** Set when one of the outputs is too far. */
  readonly why: string | null
}

function compareOutputs(reference: Outputs, candidate: Outputs, fidelity: Fidelity): Judged {
  let total = noOutputs
  for (const [name, expected] of Object.entries(reference)) {
    const found = candidate[name]
    if (found === undefined) return { ...noOutputs, maxAbs: Number.POSITIVE_INFINITY, cosine: 0, why: `output '${name}' is gone` }
    const { near, why, ...judged } = closeness(expected, found, fidelity)
    if (!near) return { ...judged, why: `output '${name}': ${why}` }
    total = farthest(total, judged)
  }
  return { ...total, why: null }
}

interface Refused {
  readonly judged: Judged
  readonly before: Outputs
  readonly samples: number
}

/** A pass is to blame only when the version before it gives the same outputs twice. */
async function refusal(input: NumbersInput, feeds: Feeds, { judged, before, samples }: Refused): Promise<Verification> {
  const { fidelity, reference } = input
  const figures = { fidelity, ...finite(judged), samples }
  const again = await outputsFor(input, reference, feeds)
  if (compareOutputs(before, again, 'exact').why !== null) {
    return {
      ...figures,
      verdict: 'skipped',
      reason: 'the model itself gives other outputs each time it runs (random operators), so nothing can be compared',
    }
  }
  const first = await firstDiverging(input, feeds)
  return { ...figures, verdict: 'rejected', reason: judged.why!, ...(first === null ? {} : { firstDiverging: first }) }
}

/** JSON knows no infinity. */
function finite({ maxAbs, cosine }: { maxAbs: number; cosine: number }): { maxAbs: number | null; cosine: number | null } {
  return { maxAbs: Number.isFinite(maxAbs) ? maxAbs : null, cosine: Number.isFinite(cosine) ? cosine : null }
}
