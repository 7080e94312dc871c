import { ProblemError } from '../api/problem.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import { floatsOf } from '../ir/numbers.ts'
import { tensorOf } from '../ir/tensor.ts'
import type { Value } from '../ir/value.ts'
import type { PassContext, PassResult } from '../pass.ts'
import type { Allocation } from '../quantize/allocation.ts'
import { type Compared, compare } from '../quantize/judgement.ts'
import { type Assignment, type MixedUnit, others, type Precision } from '../quantize/mixture.ts'
import { notFiniteOutput, type SampleRun } from '../quantize/not-finite.ts'
import type { Batches } from '../quantize/sample-feeds.ts'
import type { MixedOptions } from './mixed-options.ts'
import { quantizeDynamic } from './quantize-dynamic.ts'
import { quantizeStatic } from './quantize-static.ts'
import { quantizeWeights } from './quantize-weights.ts'

/** What every step of a search for a mixture works on. */
export interface Search {
  readonly model: Model
  readonly chosen: MixedOptions
  /** Remembers what it observed of the float model. */
  readonly context: PassContext
  readonly units: readonly MixedUnit[]
  /** References of the nodes that the user keeps: look-ups and whatever else is no unit among them. */
  readonly kept: readonly string[]
}

type Samples = NonNullable<NonNullable<PassContext['dataset']>['calibration']>

/** The pass has made sure that there are some. */
export const calibrationOf = ({ context }: Search): Samples => context.dataset?.calibration as Samples

/** Ranges of the float model are the same for every mixture: each value is observed once. */
export function remembering(context: PassContext): PassContext {
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

interface FirstOutput {
  readonly values: Float32Array
  /** Elements of its last axis. */
  readonly width: number
  readonly runs: readonly SampleRun[]
}

interface Reference {
  readonly against: (version: Model) => Promise<Compared>
  /** Whatever samples give no numbers, told. */
  readonly notes: readonly string[]
}

/** The output by which layers are judged: the first of floats that has elements, as far as types tell. */
export const judgedOutput = ({ graph }: Model): string => (graph.outputs.find(mayJudge) ?? graph.outputs[0])?.name ?? ''

const mayJudge = ({ type }: Value): boolean =>
  type === null || (type.kind === 'tensor' && isFloat(type.dtype) && !(type.shape ?? []).includes(0))

/** Runs versions on samples; an output of all of them as rows of its last axis. */
function outputsOn(context: PassContext, samples: Batches, name: string) {
  return async (model: Model): Promise<FirstOutput> => {
    const runs: SampleRun[] = []
    let width = 1
    for (const feeds of samples.feeds()) {
      context.signal.throwIfAborted()
      const run = samples.runs[runs.length] as Batches['runs'][number]
      const output = (await context.execute(model, feeds, [name]))[name]
      if (output === undefined || !isFloat(output.dtype)) throw noFloatOutput(name)
      const { dims } = output
      runs.push({ ...run, dims, values: floatsOf(tensorOf(output.dtype, dims, output.data)) })
      width = dims.at(-1) ?? 1
    }
    return { values: joined(runs.map(({ values }) => values)), width, runs }
  }
}

/**
 * How far versions are from the float model on samples.
 * @param kind what a sample is called: `calibration sample`
 * @throws ProblemError when the float model gives nothing that anything could be compared with
 */
export async function comparedOn(
  { model, context }: Pick<Search, 'model' | 'context'>,
  samples: Batches,
  kind: string,
): Promise<Reference> {
  const name = judgedOutput(model)
  const outputsOf = outputsOn(context, samples, name)
  const reference = await outputsOf(model)
  if (!reference.values.some(Number.isFinite)) throw nothingFinite(name)
  const note = notFiniteOutput(name, reference.runs, kind)
  return {
    notes: note === null ? [] : [note],
    async against(version) {
      const { values, width } = await outputsOf(version)
      return compare(reference.values, values, width)
    },
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const assignmentOf = (units: readonly MixedUnit[], { picks }: Allocation): Assignment =>
  new Map(units.flatMap(({ nodes }, index) => nodes.map((id) => [id, picks[index]?.precision as Precision] as const)))

/** Some units at one precision each, the others in float. */
export const assignmentTo = (precisions: ReadonlyMap<MixedUnit, Precision>): Assignment =>
  new Map([...precisions].flatMap(([{ nodes }, precision]) => nodes.map((id) => [id, precision] as const)))

interface Step<O> {
  readonly options: { parse(given: unknown): O }
  run(model: Model, options: O, context: PassContext): Promise<PassResult>
}

/**
 * The model with every node at its precision. What the search found out takes the place of the guards of the passes; a trial of one layer goes
 * without adaptive rounding, which costs more than it tells.
 */
export async function mixture(
  { model, chosen, context, kept }: Search,
  assignment: Assignment,
  purpose: 'trial' | 'result',
): Promise<Model> {
  const embeddings = purpose === 'result' && chosen.embeddings
  const rounding = purpose === 'result' ? 'auto' : 'nearest'
  const eight = () => [...kept, ...others(version, assignment, 'int8')]
  let version = model.fork()
  const apply = async <O>(pass: Step<O>, given: object) => {
    const result = await pass.run(version, pass.options.parse(given), context)
    version = result.parts[0] as Model
  }
  if (context.dataset?.calibration)
    await apply(quantizeStatic, { operators: ['Conv'], embeddings: false, leastDecibels: null, rounding, keep: eight() })
  await apply(quantizeDynamic, { smallest: 0, embeddings, keep: eight() })
  const four = [...kept, ...others(version, assignment, 'int4')]
  await apply(quantizeWeights, { smallest: 0, embeddings: null, method: 'rtn', output: 4, keep: four })
  return version
}

const nothingFinite = (tensor: string): ProblemError =>
  new ProblemError({
    kind: 'input',
    code: 'output-not-finite',
    what: 'The output by which layers are judged holds no finite number on the samples',
    where: { tensor },
    mend: 'Check the samples and the model on them.',
  })

const noFloatOutput = (tensor: string): ProblemError =>
  new ProblemError({
    kind: 'unsupported',
    code: 'output-not-float',
    what: 'The model gives out no floats by which layers could be judged',
    where: { tensor },
    mend: 'Add an output of floats (what the layer before the answer computes), or quantize with another pass and `keep`.',
  })
