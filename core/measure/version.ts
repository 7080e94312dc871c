import type { Model } from '../ir/model.ts'
import type { Value } from '../ir/value.ts'
import type { Feeds, ProfileResult, RunControl, Runtime } from '../runtime/session.ts'
import { inferShapes } from '../shapes/infer.ts'
import { type ExecutedGraph, executedGraph } from './executed.ts'
import { type Ties, tieKernels } from './ties.ts'

/** A version as it is measured: what the runtime makes of it, tied back to its nodes, with its kernels timed. */
export interface MeasuredVersion {
  readonly executed: ExecutedGraph
  readonly ties: Ties
  /** Values of the version by their stable id. */
  readonly valuesById: ReadonlyMap<string, Value>
  /** What one run takes. */
  readonly feeds: Feeds
}

export interface Bench {
  readonly runtime: Runtime
  readonly provider: string
  readonly threads: number
  readonly control?: RunControl
}

/** Has the runtime optimize a version, and ties what it made. `folder` must be empty and live as long as the result. */
export async function prepareVersion(model: Model, feeds: Feeds, folder: string, bench: Bench): Promise<MeasuredVersion> {
  const executed = await executedGraph(model, { folder, ...bench })
  inferShapes(executed.version)
  const valuesById = new Map<string, Value>()
  for (const value of executed.version.graph.values) valuesById.set(value.id, value)
  return { executed, ties: tieKernels(executed), valuesById, feeds }
}

const profiledMs = 1000
const warmup = 3

/** Kernel times of a version from a fresh process. `expectedMs`: about how long a run takes, to choose how many to make, `most` at most. */
export function profileVersion({ executed, feeds }: MeasuredVersion, bench: Bench, { expectedMs = 20, most = 24 }): Promise<ProfileResult> {
  const runs = Math.round(Math.min(most, Math.max(8, profiledMs / Math.max(expectedMs, 0.01))))
  return bench.runtime.profile({ session: executed.session, feeds, runs, warmup }, bench.control)
}

/** Names of the outputs that are tensors of numbers. */
export const outputsOf = ({ executed }: MeasuredVersion): string[] =>
  executed.version.graph.outputs.filter(({ type }) => type?.kind === 'tensor' && type.dtype !== 'string').map(({ name }) => name)
