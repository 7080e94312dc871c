import type { LayerError, Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import { isFloat } from '../ir/dtype.ts'
import { isTraining } from '../ir/random.ts'
import type { Node, Value } from '../ir/value.ts'
import { allNodes } from '../ir/walk.ts'
import type { Deviation } from '../observe/sqnr.ts'
import { writeSkeleton } from '../onnx/skeleton.ts'
import type { InputSource, SampleTable, SessionSpec } from '../runtime/session.ts'
import { weightBytes } from './executed.ts'
import { incomparable } from './incomparable.ts'
import { multipliesCodes } from './integer-kernels.ts'
import { LocalGraph } from './local-graph.ts'
import { deployedReference, observeExecuted, type Sighting, sightingOf } from './observable.ts'
import type { Relation } from './relation.ts'
import type { RowGroup } from './rows.ts'
import type { Bench, MeasuredVersion } from './version.ts'

/** A value that leaves a row, and where the candidate shows it. */
interface Pair {
  readonly row: RowGroup
  readonly reference: Value
  readonly sighting: Sighting
  /** Where the baseline shows it as deployed, if that is what it is compared with. */
  readonly deployed: Sighting | null
}

export interface ErrorsInput {
  readonly rows: readonly RowGroup[]
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly relation: Relation
  readonly samples: SampleTable
  /** How the candidate is fed where its borders differ. */
  readonly sources: Readonly<Record<string, InputSource>>
  /** The candidate's folder. */
  readonly folder: string
  readonly bench: Bench
}

type RowErrors = ReadonlyMap<RowGroup, LayerError>

const mostSamples = 64
const smallWeights = 32 * 2 ** 20

/**
 * The error of each row: what leaves it in the candidate, as deployed, against the same value of the baseline, over the samples; and the
 * local error, when its kernels are fed with the baseline's values. The baseline is taken as it is written, in floats: that is what it means. One
 * that is quantized itself, and runs in integers, is taken as deployed where its values can be seen, or a layer that nobody touched would have the error
 * of its own quantization. Nor does one with a Dropout in training mode mean what is written, which is noise: only its values as deployed say something.
 * Values are paired by the relation and reduced inside the runtime process. A row whose values the runtime fused away says so.
 */
export async function rowErrors(input: ErrorsInput): Promise<RowErrors> {
  const pairs = input.rows.flatMap((row) => pairsOf(row, input))
  const deviations = await observePairs(pairs, input)
  const worst = new Map<RowGroup, { pair: Pair; deviation: Deviation }>()
  for (const [pair, deviation] of deviations) {
    const known = worst.get(pair.row)
    if (known === undefined || worse(deviation, known.deviation)) worst.set(pair.row, { pair, deviation })
  }
  const local = await orNone(
    localDeviations(
      [...worst.values()].flatMap(({ pair }) => (pair.deployed === null ? [pair] : [])),
      input,
    ),
  )
  const hidden = isNoiseAsWritten(input.baseline) ? [] : input.rows.filter((row) => !worst.has(row))
  const simulated = await orNone(simulate(hidden, input))
  const errorOf = (row: RowGroup): LayerError => {
    const found = worst.get(row)
    if (found === undefined) return { ...unseen(row, input), ...simulated.get(row) }
    const own = local.get(found.pair)
    const error = deviationError(found.deviation)
    if ('unavailable' in error) return error
    return { ...error, local: own === undefined || incomparable(own) !== null ? null : (finite(own.sqnrDb) ?? noError) }
  }
  return new Map(input.rows.map((row) => [row, errorOf(row)]))
}

/** What cannot be had beside the errors as deployed leaves those standing. */
async function orNone<K, V>(work: Promise<Map<K, V>>): Promise<Map<K, V>> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ProblemError && error.problem.kind !== 'cancelled') return new Map()
    throw error
  }
}

/** Why a row shows no error as deployed. */
function unseen({ nodes }: RowGroup, { baseline, relation }: ErrorsInput): { readonly unavailable: string } {
  const values = leaving(nodes.baseline, baseline)
  if (values.length === 0) return { unavailable: 'no float value leaves it' }
  if (values.every((value) => relation.counterparts(value).length === 0))
    return { unavailable: 'nothing in the candidate carries its values' }
  return { unavailable: 'not observable as deployed' }
}

/**
 * The errors of rows whose values the runtime fused away, from the candidate run as it is written: in floats between what is quantized, so
 * not what is deployed. The worst value of each row.
 */
async function simulate(rows: readonly RowGroup[], input: ErrorsInput): Promise<Map<RowGroup, { readonly simulated: Simulated }>> {
  const { baseline, candidate, relation, sources } = input
  const pairs = rows.flatMap((row) =>
    leaving(row.nodes.baseline, baseline).flatMap((reference): Pair[] => {
      const [found] = relation.counterparts(reference)
      const value = found === undefined ? undefined : (candidate.valuesById.get(found.value.id) ?? found.value)
      if (found === undefined || value === undefined || value.producer === null || value.name === '') return []
      return [{ row, reference, sighting: { value, maps: found.maps, blocked: false }, deployed: null }]
    }),
  )
  if (pairs.length === 0) return new Map()
  const shown = new Map(pairs.map((pair) => [pair, pair.sighting.value.name]))
  const expose = pairs.flatMap(({ sighting: { value } }) => (value.isOutput ? [] : [value.name]))
  const session: SessionSpec = { ...candidate.executed.deployed, level: 'disabled', expose: [...new Set(expose)] }
  const found = new Map<RowGroup, { readonly simulated: Simulated }>()
  for (const [{ row }, deviation] of await compareValues(shown, { session, sources, needed: [] }, input)) {
    const error = deviationError(deviation)
    if ('unavailable' in error) continue
    const { sqnrDb, cosine, maxAbs, meanAbs } = error
    const known = found.get(row)?.simulated
    if (known === undefined || below(sqnrDb, known.sqnrDb)) found.set(row, { simulated: { sqnrDb, cosine, maxAbs, meanAbs } })
  }
  return found
}

type Simulated = NonNullable<Extract<LayerError, { unavailable: string }>['simulated']>

/** A deviation as a report tells it, or why there is none. */
export function deviationError(deviation: Deviation): (Simulated & { readonly local: null }) | Unavailable {
  const { sqnrDb, cosine, maxAbs, meanAbs } = deviation
  return incomparable(deviation) ?? { sqnrDb: finite(sqnrDb), cosine, maxAbs, meanAbs, local: null }
}

/** What cannot be compared for NaN or infinity in one version alone is the worst. */
const worse = (a: Deviation, b: Deviation): boolean =>
  a.nonFinite !== b.nonFinite && Math.min(a.nonFinite, b.nonFinite) === 0
    ? a.nonFinite > 0
    : b.elements === 0 || (a.elements > 0 && below(a.sqnrDb, b.sqnrDb))

const below = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b)
/** Decibels that stand for no local error at all. */
const noError = 200
/** A value that is zero throughout has no signal. */
const finite = (decibels: number | null): number | null => (decibels === null || Number.isFinite(decibels) ? decibels : -300)

const isNoiseAsWritten = ({ executed: { version } }: MeasuredVersion): boolean => [...allNodes(version.graph)].some(isTraining)

function pairsOf(row: RowGroup, { relation, candidate, baseline }: ErrorsInput): Pair[] {
  const isNoise = isNoiseAsWritten(baseline)
  const asDeployed = isNoise || baseline.executed.kernels.graph.nodes.some(multipliesCodes)
  return leaving(row.nodes.baseline, baseline).flatMap((reference) => {
    for (const counterpart of relation.counterparts(reference)) {
      const sighting = sightingOf(counterpart, candidate)
      const deployed = asDeployed ? deployedReference(reference, baseline) : null
      if (isNoise && deployed === null) continue
      if (sighting !== null && (!sighting.blocked || channelsOf(reference) !== null)) return [{ row, reference, sighting, deployed }]
    }
    return []
  })
}

/** Values with numbers that nodes outside of the row read, or the caller. */
function leaving(nodes: readonly Node[], { ties: { statics } }: MeasuredVersion): Value[] {
  const inside = new Set(nodes)
  return nodes.flatMap((node) => {
    if (statics.constant.has(node) || statics.shape.has(node)) return []
    return node.outputs.filter((output) => {
      if (output.name === '' || output.type?.kind !== 'tensor' || !isFloat(output.type.dtype)) return false
      return output.isOutput || output.uses.some((use) => !inside.has(use.node) && !statics.shape.has(use.node))
    })
  })
}

function channelsOf({ type }: Value): number | null {
  const channels = type?.kind === 'tensor' ? type.shape?.[1] : null
  return typeof channels === 'number' ? channels : null
}

async function observePairs(pairs: readonly Pair[], input: ErrorsInput): Promise<Map<Pair, Deviation>> {
  const seen = pairs.map(({ sighting, reference }) => ({ sighting, channels: channelsOf(reference) }))
  const observed = await observeExecuted(input.candidate, seen, input.folder)
  const found = new Map<Pair, Deviation>()
  for (const some of [pairs.filter(({ deployed }) => deployed === null), pairs.filter(({ deployed }) => deployed !== null)]) {
    const shown = new Map(some.map((pair) => [pair, observed.names.get(pair.sighting.value) ?? '']))
    const deviations = await compareValues(shown, { session: observed.session, sources: input.sources, needed: [] }, input)
    for (const [pair, deviation] of deviations) found.set(pair, deviation)
  }
  return found
}

/** Every row by itself, fed with the values of the baseline. Rows for which that cannot be done are missing. */
async function localDeviations(pairs: readonly Pair[], input: ErrorsInput): Promise<Map<Pair, Deviation>> {
  const { baseline, candidate, relation, sources, folder } = input
  const local = new LocalGraph(baseline, candidate, relation, sources)
  const shown = new Map<Pair, string>()
  for (const pair of pairs) {
    const name = local.add(pair.row.kernels.candidate, pair.sighting, channelsOf(pair.reference))
    if (name !== null) shown.set(pair, name)
  }
  if (shown.size === 0) return new Map()
  const { path } = await writeSkeleton(local.model, folder, { name: 'local.onnx' })
  const session: SessionSpec = { ...candidate.executed.session, model: path }
  return compareValues(shown, { session, sources: local.sources, needed: [...local.needed] }, input)
}

interface Shown {
  readonly session: SessionSpec
  readonly sources: Readonly<Record<string, InputSource>>
  /** Values of the baseline that the session is fed with. */
  readonly needed: readonly Value[]
}

/** Deviations of what a session shows from what the baseline says, as written or as deployed for all. Pairs that turn out not to fit are left out. */
async function compareValues(
  shown: ReadonlyMap<Pair, string>,
  { session, sources, needed }: Shown,
  input: ErrorsInput,
): Promise<Map<Pair, Deviation>> {
  const { baseline, samples, bench } = input
  let pairs = [...shown.keys()]
  while (pairs.length > 0) {
    const reference = pairs.some(({ deployed }) => deployed !== null)
      ? { ...baseline.executed.session, expose: exposed(pairs.flatMap(({ deployed }) => deployed?.value ?? [])) }
      : { ...baseline.executed.deployed, level: 'disabled' as const, expose: exposed([...pairs.map((pair) => pair.reference), ...needed]) }
    const calls = pairs.map((pair, index) => ({
      key: String(index),
      reducer: 'sqnr',
      values: [
        { session: 0, name: referenceOf(pair).name },
        { session: 1, name: shown.get(pair) as string },
      ],
      options: { maps: pair.sighting.maps, own: pair.deployed?.maps ?? [] },
    }))
    const batch = weightBytes(baseline.executed.version) > smallWeights ? 1 : 8
    const request = { sessions: [reference, session], samples, batch, limit: mostSamples, calls, io: [{}, sources] }
    try {
      const results = (await bench.runtime.observe(request, bench.control)) as Record<string, Deviation>
      return new Map(pairs.map((pair, index) => [pair, results[String(index)] as Deviation]))
    } catch (error) {
      const misfit = error instanceof ProblemError && error.problem.code === 'values-do-not-fit' ? error.problem.where.tensor : undefined
      const rest = pairs.filter((pair) => referenceOf(pair).name !== misfit)
      if (rest.length === pairs.length) throw error
      pairs = rest
    }
  }
  return new Map()
}

const referenceOf = ({ deployed, reference }: Pair): Value => deployed?.value ?? reference

const exposed = (values: readonly Value[]): readonly string[] => [
  ...new Set(values.filter((value) => !value.isOutput && value.producer !== null).map(({ name }) => name)),
]
