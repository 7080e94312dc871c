import type { Matching } from '../api/measurement.ts'
import { isFloat } from '../ir/dtype.ts'
import type { Model } from '../ir/model.ts'
import type { Value, ValueMap } from '../ir/value.ts'
import { distance, type Sketch } from '../observe/sketch.ts'
import type { InputSource, SampleTable, SessionSpec } from '../runtime/session.ts'
import { type Counterpart, matchedRelation, type Relation } from './relation.ts'
import { selectionsIn } from './selections.ts'
import type { Bench, MeasuredVersion } from './version.ts'

export interface MatchInput {
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly samples: SampleTable
  readonly sources: Readonly<Record<string, InputSource>>
  readonly bench: Bench
}

export interface Match {
  readonly relation: Relation
  readonly matching: Matching
}

/**
 * Relates two models without a common record. Values whose numbers agree on a sample are the same value, whatever they are called; around
 * them nodes are matched by names, weights and structure.
 */
export async function matchModels(input: MatchInput): Promise<Match> {
  const { baseline, candidate } = input
  const { pairs, sketches } = await pairByNumbers(input)
  const parts = await pairParts(input, pairs, sketches)
  const renamed = withNamesOf(candidate.executed.version, pairs)
  const relation = matchedRelation(baseline.executed.version, renamed, candidate.executed.version)
  const apart = [...pairs.values()].filter(({ distance: between }) => between > farApart).length
  const matched = pairs.size + parts.size
  return {
    relation: { ...relation, counterparts: (value) => [...(parts.get(value) ?? []), ...relation.counterparts(value)] },
    matching: matchingOf({ matched, of: valuesOf(baseline).length, apart }, relation.share),
  }
}

/** Shares of matched nodes and values from which on a matching is to be believed. */
const [sureNodes, sureValues] = [0.95, 0.75]
const likelyNodes = 0.7

/** What a matching rests on, in figures and in a sentence. */
export function matchingOf(values: Matching['values'], nodes: number): Matching {
  const { matched, of, apart } = values
  const seen = of === 0 || matched >= sureValues * of
  const confidence = nodes >= sureNodes && seen ? 'high' : nodes >= likelyNodes ? 'medium' : 'low'
  const far = apart === 0 ? '' : `, ${apart} of them more than ${100 * farApart} % apart`
  const by =
    of === 0 ? 'by names and weights (there are no float values whose numbers could be compared)' : 'through them, by names or by weights'
  const text = [
    'The two models have no common record: ',
    of === 0 ? '' : `${matched} of ${of} values were found again by their numbers on a sample${far}; `,
    `${Math.round(100 * nodes)} % of the candidate's nodes were matched ${by}`,
    nodes >= 0.995 ? '' : ', the others counted to what stands around them',
    `. Confidence: ${confidence}.`,
  ]
  return { values, nodes, confidence, text: text.join('') }
}

interface Pairing {
  readonly baseline: Value
  /** Estimated relative distance. */
  readonly distance: number
}

const farApart = 0.05
/** Values that differ by more than this are not taken for the same, even when nothing is nearer. */
const farthest = 0.5
/** The nearest value must be this many times nearer than the next one. */
const clarity = 2
/** Relative distances below this are all the same to rounding. */
const rounding = 1e-4

/** Candidate values by id, each with the baseline value that is nearest to it when both choose each other. */
async function pairByNumbers(input: MatchInput): Promise<{ pairs: ReadonlyMap<string, Pairing>; sketches: ReadonlyMap<Value, Sketch> }> {
  const { baseline, candidate } = input
  const [ours, theirs] = [valuesOf(baseline), valuesOf(candidate)]
  const sketches = await sketchAll(input, ours, theirs)
  const pairs = new Map<string, Pairing>()
  for (const { a, b, distance } of mutual(sketches.ours, sketches.theirs)) {
    const [baseline, other] = [ours[a] as Value, theirs[b] as Value]
    if (!pairs.has(other.id)) pairs.set(other.id, { baseline, distance })
  }
  pairOutputs(input, pairs)
  return { pairs, sketches: new Map(theirs.flatMap((value, at) => (sketches.theirs[at] ? [[value, sketches.theirs[at]]] : []))) }
}

/** What both models give out under one name is the same by their makers' word, when several values are about as near. */
function pairOutputs({ baseline, candidate }: MatchInput, pairs: Map<string, Pairing>): void {
  const known = new Set([...pairs.values()].map((pair) => pair.baseline))
  for (const output of baseline.executed.version.graph.outputs) {
    const other = candidate.executed.version.graph.outputs.find(({ name, producer }) => name === output.name && producer !== null)
    if (other && output.producer !== null && !known.has(output) && !pairs.has(other.id))
      pairs.set(other.id, { baseline: output, distance: 0 })
  }
}

/** Positions of sketches that choose each other. */
function mutual(ours: readonly (Sketch | undefined)[], theirs: readonly (Sketch | undefined)[]) {
  const backwards = theirs.map((sketch) => rank(sketch, ours))
  return ours.flatMap((sketch, a) => {
    const forwards = rank(sketch, theirs)
    return forwards !== null && backwards[forwards.index]?.index === a ? [{ a, b: forwards.index, distance: forwards.distance }] : []
  })
}

/**
 * Candidate values that are parts of baseline values: where a model reads the first token alone, another may compute no other from some layer
 * on. Looked for among the values that nothing was found for, at the positions that either model selects.
 */
async function pairParts(
  { baseline, candidate, samples, sources, bench }: MatchInput,
  pairs: ReadonlyMap<string, Pairing>,
  sketches: ReadonlyMap<Value, Sketch>,
): Promise<ReadonlyMap<Value, readonly Counterpart[]>> {
  const found = new Map<Value, readonly Counterpart[]>()
  const known = new Set([...pairs.values()].map((pair) => pair.baseline))
  const ours = valuesOf(baseline).filter((value) => !known.has(value))
  const theirs = [...sketches].filter(([{ id }]) => !pairs.has(id))
  const selections = selectionsIn(baseline.executed.version, candidate.executed.version)
  if (ours.length === 0 || theirs.length === 0 || selections.length === 0) return found
  const calls = selections.flatMap(({ axis, kept }, which) =>
    ours.map(({ name }, index) => ({
      key: `${which} ${index}`,
      reducer: 'sketch',
      values: [{ session: 0, name }],
      options: { select: { axis, kept } },
    })),
  )
  const request = { sessions: [shown(baseline, ours), candidate.executed.deployed], samples, batch: 1, limit: 1, calls, io: [{}, sources] }
  const parts = (await bench.runtime.observe(request, bench.control)) as Record<string, Sketch>
  selections.forEach((selection, which) => {
    const own = ours.map((_, index) => parts[`${which} ${index}`])
    for (const { a, b } of mutual(
      own,
      theirs.map(([, sketch]) => sketch),
    )) {
      const [reference, value] = [ours[a] as Value, (theirs[b] as [Value, Sketch])[0]]
      const maps: ValueMap[] = ranksAlike(reference, value) ? [selection] : [selection, { kind: 'reshape' }]
      if (!found.has(reference)) found.set(reference, [{ value, maps }])
    }
  })
  return found
}

const rankOf = ({ type }: Value): number | null => (type?.kind === 'tensor' ? (type.shape?.length ?? null) : null)
const ranksAlike = (a: Value, b: Value): boolean => rankOf(a) !== null && rankOf(a) === rankOf(b)

/**
 * The nearest of some sketches, when it is near and clearly nearer than the next; the first of equals. What holds the same numbers as the nearest is
 * no other value: exporters leave casts that do nothing.
 */
function rank(one: Sketch | undefined, others: readonly (Sketch | undefined)[]): { index: number; distance: number } | null {
  if (one === undefined) return null
  const apart = others.map((other) => (other === undefined ? Number.POSITIVE_INFINITY : distance(one, other)))
  const index = apart.reduce((best, each, at) => (each < (apart[best] ?? Number.POSITIVE_INFINITY) ? at : best), 0)
  const [best, nearest] = [apart[index], others[index]]
  if (best === undefined || nearest === undefined || best > farthest) return null
  if (best < rounding) return { index, distance: best }
  const rival = (other: Sketch | undefined, at: number) =>
    other !== undefined && (apart[at] as number) <= clarity * best && distance(nearest, other) > rounding
  return others.some(rival) ? null : { index, distance: best }
}

async function sketchAll({ baseline, candidate, samples, sources, bench }: MatchInput, ours: readonly Value[], theirs: readonly Value[]) {
  const call = (session: number) => (value: Value, index: number) => ({
    key: `${session} ${index}`,
    reducer: 'sketch',
    values: [{ session, name: value.name }],
  })
  const request = {
    sessions: [shown(baseline, ours), shown(candidate, theirs)],
    samples,
    batch: 1,
    limit: 1,
    calls: [...ours.map(call(0)), ...theirs.map(call(1))],
    io: [{}, sources],
  }
  const found = (await bench.runtime.observe(request, bench.control)) as Record<string, Sketch>
  return { ours: ours.map((_, index) => found[`0 ${index}`]), theirs: theirs.map((_, index) => found[`1 ${index}`]) }
}

function shown({ executed }: MeasuredVersion, values: readonly Value[]): SessionSpec {
  return { ...executed.deployed, level: 'disabled', expose: values.filter(({ isOutput }) => !isOutput).map(({ name }) => name) }
}

/** Computed values with numbers that are no arithmetic on shapes. What was quantized and dequantized is the value that it was before. */
function valuesOf({ executed, ties: { statics } }: MeasuredVersion): Value[] {
  return executed.version.graph.nodes
    .filter((node) => !statics.constant.has(node) && !statics.shape.has(node))
    .filter(({ opType, inputs: [codes] }) => opType !== 'DequantizeLinear' || codes?.producer?.opType !== 'QuantizeLinear')
    .flatMap(({ outputs }) => outputs)
    .filter(({ name, type }) => name !== '' && type?.kind === 'tensor' && isFloat(type.dtype))
}

/** The candidate with the baseline's names for the values that are the same, and names that no one has for the others. */
function withNamesOf(candidate: Model, pairs: ReadonlyMap<string, Pairing>): Model {
  const copy = candidate.fork()
  const values = copy.graph.nodes.flatMap(({ outputs }) => outputs.filter(({ name }) => name !== ''))
  for (const value of values) copy.graph.rename(value, `candidate ${value.id} ${value.name}`)
  for (const value of values) {
    const name = pairs.get(value.id)?.baseline.name
    if (name !== undefined && copy.graph.find(name) === null) copy.graph.rename(value, name)
  }
  return copy
}
