import type { Graph } from '../ir/graph.ts'
import type { Value, ValueId } from '../ir/value.ts'
import type { Feeds, Outputs } from '../runtime/session.ts'
import { feedsFor } from './borders.ts'
import { closeness } from './closeness.ts'
import { sessionOf } from './place.ts'
import type { Checked, NumbersInput } from './verify-numbers.ts'

/** Values that are fetched at once. */
const step = 32

interface Pair {
  readonly before: string
  readonly after: string
}

/**
 * The first value, in the order of the new version, that differs from the value of the version before it that it should equal;
 * `null` when none of the values that can be paired does. Values pair by identity: the same value, or one that was recorded to take its place.
 */
export async function firstDiverging(input: NumbersInput, feeds: Feeds): Promise<string | null> {
  const { reference, candidate, fidelity } = input
  const pairs = pairsOf(reference, candidate)
  for (let at = 0; at < pairs.length; at += step) {
    const part = pairs.slice(at, at + step)
    const before = await valuesOf(input, reference, { feeds, names: part.map((pair) => pair.before) })
    const after = await valuesOf(input, candidate, { feeds, names: part.map((pair) => pair.after) })
    const first = part.find((pair) => {
      const [expected, found] = [before[pair.before], after[pair.after]]
      return expected !== undefined && found !== undefined && !closeness(expected, found, fidelity).near
    })
    if (first !== undefined) return first.after
  }
  return null
}

function pairsOf(reference: Checked, candidate: Checked): Pair[] {
  const old = new Map<ValueId, Value>(computed(reference.model.graph).map((value) => [value.id, value]))
  const replaced = new Map<ValueId, ValueId>()
  const known = reference.model.lineage.values.length
  for (const { old: from, by, map } of candidate.model.lineage.values.slice(known)) if (map.kind === 'identity') replaced.set(by, from)
  return computed(candidate.model.graph).flatMap((value) => {
    const before = old.get(value.id) ?? originOf(value.id, replaced, old)
    return before === undefined ? [] : [{ before: before.name, after: value.name }]
  })
}

function originOf(id: ValueId, replaced: ReadonlyMap<ValueId, ValueId>, old: ReadonlyMap<ValueId, Value>): Value | undefined {
  const seen = new Set<ValueId>()
  for (let at = replaced.get(id); at !== undefined && !seen.has(at); at = replaced.get(at)) {
    const value = old.get(at)
    if (value !== undefined) return value
    seen.add(at)
  }
  return undefined
}

function computed(graph: Graph): Value[] {
  return graph.nodes.flatMap((node) => node.outputs.filter(({ name }) => name !== ''))
}

async function valuesOf(
  { place, signal }: NumbersInput,
  { model, borders }: Checked,
  { feeds, names }: { feeds: Feeds; names: readonly string[] },
): Promise<Outputs> {
  const outputs = new Set(model.graph.outputs.map(({ name }) => name))
  const expose = names.filter((name) => !outputs.has(name))
  const session = { ...sessionOf(place, await place.workbench.fileOf(model), 'disabled'), expose }
  return place.runtime.execute({ session, feeds: feedsFor(feeds, borders), wanted: [...new Set(names)] }, { signal })
}
