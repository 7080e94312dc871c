import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Latency, LayerError, Matching, Ratio, Unavailable } from '../api/measurement.ts'
import type { Deviation } from '../observe/sqnr.ts'
import type { ProfileResult } from '../runtime/session.ts'
import { layersOf } from '../structure/layer.ts'
import { type Comparison, noNumbers, unlessItFails } from './comparison.ts'
import { costModel } from './cost.ts'
import { ratioOf, type Timing } from './latency.ts'
import { layerRows } from './layers.ts'
import { matchingOf, matchModels } from './match.ts'
import { matchedRelation, type Relation, recordedRelation } from './relation.ts'
import { roofline } from './roofline.ts'
import { deviationError, rowErrors } from './row-error.ts'
import { groupRows, type RowGroup, type RowGroups } from './rows.ts'
import { outputsOf } from './version.ts'

/** Profiles of both versions, each of a fresh process. */
export interface Profiles {
  readonly baseline: ProfileResult[]
  readonly candidate: ProfileResult[]
}

/** Times of both versions, and what the runtime's own optimization does for the baseline. */
export interface ComparedTiming extends Timing {
  readonly anyway: (Ratio & { readonly unoptimized: Latency }) | Unavailable
}

/** Below this share of kernel time the table of layers has a gap that a reader must know of. */
const leastTied = 0.98

/** Which kernels no layer could be found for. */
export function untiedNote(tied: number, { untied }: Pick<RowGroups, 'untied'>): string {
  const counts = new Map<string, number>()
  for (const { opType } of untied.candidate) counts.set(opType, (counts.get(opType) ?? 0) + 1)
  const kernels = [...counts].sort(([, a], [, b]) => b - a).map(([name, times]) => (times === 1 ? name : `${name} ×${times}`))
  return `${(100 * (1 - tied)).toFixed(1)} % of the candidate's kernel time belongs to no layer that could be found (${kernels.join(', ')}); it stands under overhead.`
}

/** Rows of layers with the time and error of each, from the kernels that the runtime executes. */
export async function layerTable(comparison: Comparison, profiles: Profiles, timing: ComparedTiming) {
  const { request, baseline, candidate, seed } = comparison
  const relation = await relate(comparison)
  if (relation.matching !== undefined) comparison.notes.push(relation.matching.text)
  const groups = groupRows({ layers: layersOf(request.baseline), baseline, candidate, relation })
  const errors = await errorsOf(comparison, groups, relation)
  const ceilings = await unlessItFails(async () => ({
    costs: costModel(baseline.executed.version, baseline.feeds),
    roofline: await roofline(request.store, comparison.bench, cpus()[0]?.model ?? ''),
  }))
  const [before, after] = timing.latency as [Latency, Latency]
  const rows = layerRows({
    ceilings: 'unavailable' in ceilings ? null : ceilings,
    ...{ groups, errors, seed, floor: timing.floor, anyway: timing.anyway, ratio: ratioOf(timing, 0, 1, seed) },
    baseline: { version: baseline, latency: before, shares: { unprofiledMs: before.median, profiles: profiles.baseline } },
    candidate: { version: candidate, latency: after, shares: { unprofiledMs: after.median, profiles: profiles.candidate } },
    wholeError: await unlessItFails(() => wholeError(comparison)),
  })
  if (rows.tied < leastTied) comparison.notes.push(untiedNote(rows.tied, groups))
  return { ...rows, matching: relation.matching ?? null }
}

/** How the candidate stems from the baseline, and what that rests on where nothing was recorded. */
async function relate({ request, baseline, candidate, samples, borders, bench }: Comparison): Promise<Relation & { matching?: Matching }> {
  const [ours, theirs] = [baseline.executed.version, candidate.executed.version]
  if (request.lineage === 'recorded') return recordedRelation(ours, theirs)
  const matched = await unlessItFails(() => matchModels({ baseline, candidate, samples: samples.table, sources: borders.sources, bench }))
  if ('relation' in matched) return { ...matched.relation, matching: matched.matching }
  const relation = matchedRelation(ours, theirs)
  const matching = matchingOf({ matched: 0, of: 0, apart: 0 }, relation.share)
  return {
    ...relation,
    matching: { ...matching, confidence: 'low', text: `${matching.text} Values could not be compared: ${matched.unavailable}.` },
  }
}

async function errorsOf(comparison: Comparison, groups: RowGroups, relation: Relation): Promise<ReadonlyMap<RowGroup, LayerError>> {
  const { baseline, candidate, samples, borders, folder, bench } = comparison
  const input = { rows: groups.rows, baseline, candidate, relation, samples: samples.table, sources: borders.sources, bench }
  const errors = await unlessItFails(() => rowErrors({ ...input, folder: join(folder, 'candidate') }))
  if (errors instanceof Map) return errors
  return new Map(groups.rows.map((row) => [row, errors as Unavailable]))
}

/** The error of the first output, both versions as deployed. */
async function wholeError({ baseline, candidate, samples, metric, borders, bench }: Comparison): Promise<LayerError> {
  const output = metric.output ?? outputsOf(baseline)[0]
  if (output === undefined) return noNumbers
  const values = [
    { session: 0, name: output },
    { session: 1, name: borders.output(output) },
  ]
  const sessions = [baseline.executed.deployed, candidate.executed.deployed]
  const request = {
    sessions,
    samples: samples.table,
    batch: 1,
    limit: 64,
    calls: [{ key: 'all', reducer: 'sqnr', values }],
    io: [{}, borders.sources],
  }
  const { all } = (await bench.runtime.observe(request, bench.control)) as { all: Deviation }
  return deviationError(all)
}
