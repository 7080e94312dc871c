import type { Unavailable } from '../api/measurement.ts'
import { ProblemError } from '../api/problem.ts'
import type { SampleData } from '../data/open.ts'
import type { Samples } from '../data/samples.ts'
import type { Model } from '../ir/model.ts'
import type { Feeds, InputSource, Runtime } from '../runtime/session.ts'
import type { Store } from '../store/store.ts'
import type { Bench, MeasuredVersion } from './version.ts'

/** How a candidate is fed and read with the baseline's samples, where its borders differ. */
export interface CandidateBorders {
  feeds(feeds: Feeds): Feeds
  readonly sources: Readonly<Record<string, InputSource>>
  /** The candidate's name of a baseline output. */
  output(name: string): string
}

export interface CompareRequest {
  readonly runtime: Runtime
  readonly store: Store
  readonly baseline: Model
  readonly candidate: Model
  /** `recorded`: the candidate was made from the baseline by passes; `matched`: any two models, related by names, weights and structure. */
  readonly lineage: 'recorded' | 'matched'
  /** Samples are made up from the baseline's inputs when there is none. */
  readonly data: SampleData | null
  readonly borders?: CandidateBorders
  readonly provider: string
  readonly threads: number
  /** Timed rounds; chosen by how long a run takes unless given. */
  readonly rounds?: number
  /** How often each version is profiled, each time in a fresh process; 4 unless given. */
  readonly profiles?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (step: string, done: number, of: number) => void
}

/** All that the steps of one comparison work with. */
export interface Comparison {
  readonly request: CompareRequest
  readonly bench: Bench
  readonly borders: CandidateBorders
  readonly seed: number
  /** Samples in every run. */
  readonly batch: number
  readonly baseline: MeasuredVersion
  readonly candidate: MeasuredVersion
  readonly samples: Samples
  readonly metric: SampleData['metric']
  readonly folder: string
  readonly notes: string[]
}

/** Why nothing can be said of how far outputs are apart. */
export const noNumbers: Unavailable = { unavailable: 'no output of the model is a tensor of numbers' }

/** A part that fails is unavailable with its reason; what ends the whole comparison goes on. */
export async function unlessItFails<T>(work: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProblemError && error.problem.kind !== 'cancelled') return { unavailable: error.problem.what }
    throw error
  }
}
