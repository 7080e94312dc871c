import { problemOf } from '../api/problem.ts'
import { sampleAxes } from '../axes/sample-axes.ts'
import { unnamedAxis } from '../data/dims.ts'
import { generatedData, type SampleData } from '../data/open.ts'
import { feedsOf } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import { createWorkbench, type Place, sessionOf } from '../pipeline/place.ts'

/** As many as are compared without a dataset. */
const samples = 8

/** Lengths for open axes that nobody names, tried in turn: text, frames of sound, a second of it. */
const lengths = [512, 4096, 16000] as const

type Bench = Pick<Place, 'store' | 'runtime' | 'workbench' | 'provider' | 'threads' | 'seed'>

/**
 * Samples made up for a model that comes without data. Open axes get a usual length; where the model does not run on that, longer ones are
 * tried. `null` when inputs cannot be made up at all (text, sequences, types that the runtime cannot be given).
 */
export async function generatedFor(model: Model, bench: Bench, signal: AbortSignal): Promise<SampleData | null> {
  const first = await madeUp(model, bench, new Map())
  if (first === null || (await runsOn(model, first, bench, signal))) return first
  const symbols = openAxes(model)
  for (const length of symbols.length === 0 ? [] : lengths) {
    const data = await madeUp(model, bench, new Map(symbols.map((symbol) => [symbol, length])))
    if (data !== null && (await runsOn(model, data, bench, signal))) return data
  }
  return first
}

/** The same, with a workbench of its own, which is gone afterwards. */
export async function generatedApart(model: Model, bench: Omit<Bench, 'workbench'>, signal: AbortSignal): Promise<SampleData | null> {
  const workbench = createWorkbench(bench.store)
  try {
    return await generatedFor(model, { ...bench, workbench }, signal)
  } finally {
    await workbench.remove()
  }
}

async function madeUp({ graph }: Model, { store, seed }: Bench, sizes: ReadonlyMap<string, number>): Promise<SampleData | null> {
  try {
    return await generatedData({ graph, store, count: samples, seed, sizes })
  } catch (error) {
    if (problemOf(error).kind === 'unsupported') return null
    throw error
  }
}

async function runsOn(model: Model, { evaluation }: SampleData, bench: Bench, signal: AbortSignal): Promise<boolean> {
  const session = sessionOf(bench, await bench.workbench.fileOf(model), 'disabled')
  try {
    await bench.runtime.execute({ session, feeds: await feedsOf(evaluation!.table, 0, 1), wanted: [] }, { signal })
    return true
  } catch (error) {
    // What keeps it from running will be told by whoever runs it for its own sake.
    const { kind, code } = problemOf(error)
    // A run that does not end does not end with other inputs either, and each try takes as long.
    if (kind === 'cancelled' || kind === 'internal' || code === 'runtime-timeout') throw error
    return false
  }
}

/** Open sizes of inputs besides those that count samples. */
function openAxes({ graph }: Model): string[] {
  const samples = sampleAxes(graph)
  const symbols = graph.inputs.flatMap(({ name, type }) =>
    type?.kind === 'tensor' && !/^past/i.test(name)
      ? (type.shape ?? []).flatMap((dim, axis) => (typeof dim === 'number' || axis === samples.of.get(name) ? [] : [dim ?? unnamedAxis]))
      : [],
  )
  return [...new Set(symbols)]
}
