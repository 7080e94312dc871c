import { reducerOf } from '../../observe/index.ts'
import type { Algebra, Reducer, ReducerCall, TensorData } from '../../observe/reducer.ts'
import { createAlgebra } from '../algebra.ts'
import { inputProblem } from '../failure.ts'
import { batchOf, type FeedPlan, feedsOf, planOf, type Rows, trimmed } from '../feeding.ts'
import { openAny } from '../litert-session.ts'
import type { Session } from '../ort.ts'
import { openSamples, type SampleReader } from '../samples.ts'
import type { Feeds, ObserveRequest, Outputs } from '../session.ts'
import type { Program } from './program.ts'

/**
 * Runs samples through one or more sessions, batch by batch, and feeds reducers with the values. Only the state of the reducers grows.
 * A value's name means, in this order: an output of the session, one of its inputs (as it was fed), a column of the samples (labels).
 */
export const observe: Program<'observe'> = async (request, { progress }) => {
  const sessions: Session[] = []
  try {
    for (const spec of request.sessions) sessions.push(await openAny(spec))
    return await observeWith(sessions, request, progress)
  } finally {
    for (const session of sessions) await session.release()
  }
}

async function observeWith(sessions: readonly Session[], request: ObserveRequest, progress: (done: number, of: number) => void) {
  const plans = sessions.map((session, index) => planOf(session, index, request))
  const batch = batchOf(plans, request.batch)
  const count = Math.min(request.samples.count, request.limit ?? Number.POSITIVE_INFINITY)
  const samples = openSamples(request.samples, batch.size)
  const calls = request.calls.map((call) => start(call, plans, samples))
  const algebra = createAlgebra(request.sessions[0]?.threads ?? 1)
  const wanted = plans.map((_, index) => wantedOf(calls, plans, index))
  try {
    const observation = { plans, wanted, calls, samples, algebra }
    const size = batch.fixed || count <= 1 ? batch.size : await sizeThatFits(observation, batch.size)
    for (let from = 0; from < count; from += size) {
      const real = Math.min(size, count - from)
      const rows: Rows = { from, real, fed: batch.fixed ? size : real }
      await observeRows(observation, rows)
      progress(from + real, count)
    }
  } finally {
    await samples.close()
    await algebra.close()
  }
  return Object.fromEntries(calls.map(({ call, reducer, state }) => [call.key, reducer.finish(state)]))
}

/** Where a value of a call is found. */
type Source =
  | { readonly from: 'output' | 'input'; readonly session: number; readonly name: string }
  | { readonly from: 'column'; readonly name: string }

interface Running {
  readonly call: ReducerCall
  readonly reducer: Reducer<unknown, unknown, unknown>
  readonly sources: readonly Source[]
  state: unknown
}

function start(call: ReducerCall, plans: readonly FeedPlan[], samples: SampleReader): Running {
  const reducer = reducerOf(call.reducer)
  const sources = call.values.map(({ session, name }) => sourceOf({ session, name }, plans[session], samples))
  return { call, reducer, sources, state: reducer.start(call.options ?? {}) }
}

function sourceOf(value: ReducerCall['values'][number], plan: FeedPlan | undefined, samples: SampleReader): Source {
  const named = ({ name }: { readonly name: string }) => name === value.name
  if (plan?.session.outputs.some(named)) return { from: 'output', ...value }
  if (plan?.session.inputs.some(named)) return { from: 'input', ...value }
  if (samples.has(value.name)) return { from: 'column', name: value.name }
  throw inputProblem({
    code: 'unknown-value',
    what: `'${value.name}' is no output or input of the model and no column of the samples`,
    where: { tensor: value.name, ...(plan === undefined ? {} : { file: plan.session.spec.model }) },
    mend: 'Expose the value in the session, or name another.',
  })
}

/** Outputs of a session that reducers read, or that later sessions are fed with. */
function wantedOf(calls: readonly Running[], plans: readonly FeedPlan[], session: number): readonly string[] {
  const read = calls.flatMap(({ sources }) =>
    sources.flatMap((source) => (source.from === 'output' && source.session === session ? source.name : [])),
  )
  const fed = plans.flatMap(({ inputs }) => inputs.flatMap(({ source }) => (source.session === session ? source.column : [])))
  return [...new Set([...read, ...fed])]
}

interface Observation {
  readonly plans: readonly FeedPlan[]
  readonly wanted: readonly (readonly string[])[]
  readonly calls: readonly Running[]
  readonly samples: SampleReader
  readonly algebra: Algebra
}

/** Bytes of values that are looked at in one run, beside those that the runtime itself needs. */
const mostBytes = 192e6

/** Samples in one run such that what is looked at does not grow with the number of values: one sample tells how large they are. */
async function sizeThatFits(observation: Observation, most: number): Promise<number> {
  const { outputs } = await valuesOf(observation, { from: 0, real: 1, fed: 1 })
  const bytes = outputs.reduce((sum, tensors) => Object.values(tensors).reduce((total, { data }) => total + data.byteLength, sum), 0)
  return Math.max(1, Math.min(most, Math.floor(mostBytes / Math.max(1, bytes))))
}

interface Values {
  readonly feeds: readonly Feeds[]
  readonly outputs: readonly Outputs[]
}

async function valuesOf({ plans, wanted, samples }: Observation, rows: Rows): Promise<Values> {
  const feeds: Feeds[] = []
  const outputs: Outputs[] = []
  for (const [index, plan] of plans.entries()) {
    const fed = await feedsOf(plan, { samples, outputs }, rows)
    const names = wanted[index] ?? []
    feeds.push(fed)
    outputs.push(names.length === 0 ? {} : await plan.session.run(plan.session.prepare(fed), names))
  }
  return { feeds, outputs }
}

async function observeRows(observation: Observation, rows: Rows): Promise<void> {
  const { calls, samples, algebra } = observation
  const { feeds, outputs } = await valuesOf(observation, rows)
  const tensorOf = async (source: Source): Promise<TensorData> => {
    if (source.from === 'column') return samples.read(source.name, rows.from, rows.real)
    const tensors = (source.from === 'output' ? outputs : feeds)[source.session]
    return trimmed(tensors?.[source.name] as TensorData, rows)
  }
  for (const running of calls) {
    const values: TensorData[] = []
    for (const source of running.sources) values.push(await tensorOf(source))
    running.state = await taken(running, values, algebra)
  }
}

/** The state after some values. Reducers say by a RangeError that values do not go together. */
async function taken({ call, reducer, state }: Running, values: readonly TensorData[], algebra: Algebra): Promise<unknown> {
  try {
    return await (reducer.addWith === undefined ? reducer.add(state, values) : reducer.addWith(state, values, algebra))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // Columns of no model's input carry a mark: `@labels`.
    const names = call.values.map(({ name }) => (name.startsWith('@') ? `the ${name.slice(1)}` : `'${name}'`)).join(' and ')
    throw inputProblem({
      code: 'values-do-not-fit',
      what: `'${call.reducer}' cannot be computed from ${names}: ${error.message}`,
      where: { tensor: call.values[0]?.name },
      mend: 'Check that the values belong together: their shapes, and labels within the classes.',
    })
  }
}
