import type { Protocol } from '../api/measurement.ts'
import type { Candidate } from '../api/report.ts'
import type { RunRequest } from '../api/requests.ts'
import type { Model } from '../ir/model.ts'
import type { Place } from '../pipeline/place.ts'
import type { Version } from '../pipeline/stage.ts'

/** What measuring a candidate found. */
export interface Measured {
  readonly figures: Pick<Candidate, 'layers' | 'accuracy' | 'latencyMs' | 'peakMemoryBytes' | 'tied'>
  readonly protocol: Protocol | null
  readonly notes: readonly string[]
}

export interface MeasureInput {
  readonly place: Place
  readonly source: Model
  readonly version: Version
  readonly request: RunRequest
  readonly signal: AbortSignal
  readonly progress: (step: string, done: number, of: number) => void
}

export function notMeasured(reason: string): Measured {
  const unavailable = { unavailable: reason }
  return {
    figures: { layers: [], accuracy: unavailable, latencyMs: unavailable, peakMemoryBytes: unavailable, tied: unavailable },
    protocol: null,
    notes: [],
  }
}

export async function measureCandidate(_input: MeasureInput): Promise<Measured> {
  return notMeasured('')
}
