import type { LayerError } from '../api/measurement.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Node, Value } from '../ir/value.ts'
import type { Deviation } from '../observe/sqnr.ts'
import type { InputSource, SampleTable, SessionSpec } from '../runtime/session.ts'
import { observeExecuted, type Sighting, sightingOf } from './observable.ts'
import type { Relation } from './relation.ts'
import type { RowGroup } from './rows.ts'
import type { Bench, MeasuredVersion } from './version.ts'

/** A value that leaves a row, and where the candidate shows it. */
interface Pair {
  readonly row: RowGroup
  readonly reference: Value
  readonly sighting: Sighting
}

export interface ErrorsInput {
  readonly rows: readonly RowGroup[]
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly relation: Relation
  readonly samples: SampleTable
  /** How the candidate is fed where its borders differ. */
  readonly sources: Readonly<Record<string, InputSource>>
  readonly folder: string
  readonly bench: Bench
}

const mostSamples = 64
const smallWeights = 32 * 2 ** 20

/**
 * The error of each row: what leaves it in the candidate, as deployed, against the same value of the baseline, over the samples. Values are
 * paired by the relation and reduced inside the runtime process. A row whose values the runtime fused away says so.
 */
export async function rowErrors(input: ErrorsInput): Promise<ReadonlyMap<RowGroup, LayerError>> {
  const pairs = input.rows.flatMap((row) => pairsOf(row, input))
  const deviations = pairs.length === 0 ? [] : await observePairs(pairs, input)
  const errors = new Map<RowGroup, LayerError>()
  pairs.forEach(({ row }, index) => {
    const found = deviations[index]
    if (found === undefined) return
    const error = deviationError(found)
    const worst = errors.get(row)
    if (worst === undefined || 'unavailable' in worst || below(error.sqnrDb, worst.sqnrDb)) errors.set(row, error)
  })
  for (const row of input.rows) if (!errors.has(row)) errors.set(row, { unavailable: 'not observable as deployed' })
  return errors
}

/** A deviation as a report tells it. */
export const deviationError = ({ sqnrDb, cosine, maxAbs }: Deviation) => ({ sqnrDb: finite(sqnrDb), cosine, maxAbs, local: null })

const below = (a: number | null, b: number | null): boolean => a !== null && (b === null || a < b)
/** A value that is zero throughout has no signal. */
const finite = (decibels: number | null): number | null => (decibels === null || Number.isFinite(decibels) ? decibels : -300)

function pairsOf(row: RowGroup, { relation, candidate, baseline }: ErrorsInput): Pair[] {
  return leaving(row.nodes.baseline, baseline).flatMap((reference) => {
    for (const counterpart of relation.counterparts(reference)) {
      const sighting = sightingOf(counterpart, candidate)
      if (sighting !== null && (!sighting.blocked || channelsOf(reference) !== null)) return [{ row, reference, sighting }]
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

async function observePairs(pairs: readonly Pair[], input: ErrorsInput): Promise<Deviation[]> {
  const { baseline, candidate, samples, bench } = input
  const seen = pairs.map(({ sighting, reference }) => ({ sighting, channels: channelsOf(reference) }))
  const observed = await observeExecuted(candidate, seen, input.folder)
  const reference = referenceSession(pairs, baseline)
  const calls = pairs.map(({ reference: value, sighting }, index) => ({
    key: String(index),
    reducer: 'sqnr',
    values: [
      { session: 0, name: value.name },
      { session: 1, name: observed.names.get(sighting.value) ?? '' },
    ],
    options: { maps: sighting.maps },
  }))
  const request = {
    sessions: [reference, observed.session],
    samples,
    batch: bytesOf(baseline) > smallWeights ? 1 : 8,
    limit: mostSamples,
    calls,
    io: [{}, input.sources],
  }
  const results = (await bench.runtime.observe(request, bench.control)) as Record<string, Deviation>
  return pairs.map((_, index) => results[String(index)] as Deviation)
}

/** The baseline as it was written, all its values within reach: what it means, before any runtime changes it. */
function referenceSession(pairs: readonly Pair[], { executed }: MeasuredVersion): SessionSpec {
  const expose = [...new Set(pairs.map(({ reference }) => reference).filter((value) => !value.isOutput && value.producer !== null))]
  return { ...executed.deployed, level: 'disabled', expose: expose.map(({ name }) => name) }
}

const bytesOf = ({ executed }: MeasuredVersion): number =>
  executed.version.graph.initializers.reduce((sum, { initializer }) => sum + (initializer?.ref.length ?? 0), 0)
