import { besideEachOther } from '../../../core/api/beside-each-other.ts'
import type { Candidate } from '../../../core/api/report.ts'

export type Measure = 'latency' | 'size'

export interface CandidatePoint {
  readonly id: string
  readonly kind: 'source' | 'front' | 'dominated'
  /** Milliseconds or megabytes. */
  readonly cost: number
  readonly quality: number
}

/** Candidates and their source as points; one is on the front when none is both cheaper and as good. */
export function pointsOf(candidates: readonly Candidate[], by: Measure): readonly CandidatePoint[] {
  const times = besideEachOther(candidates)
  const raw = candidates.flatMap(({ id, sizeBytes, accuracy }) => {
    if (!('metric' in accuracy)) return []
    const cost = by === 'size' ? sizeBytes.candidate / 1e6 : (times.get(id) ?? null)
    return cost === null ? [] : [{ id, cost, quality: accuracy.candidate }]
  })
  const source = sourceOf(candidates, by)
  const all = source ? [...raw, source] : raw
  return all.map((point) => ({ ...point, kind: point.id === 'source' ? 'source' : isDominated(point, all) ? 'dominated' : 'front' }))
}

function sourceOf([first]: readonly Candidate[], by: Measure) {
  if (!first || !('metric' in first.accuracy)) return null
  const cost = by === 'size' ? first.sizeBytes.baseline / 1e6 : 'ratio' in first.latencyMs ? first.latencyMs.baseline.median : null
  return cost === null ? null : { id: 'source', cost, quality: first.accuracy.baseline }
}

type Raw = Pick<CandidatePoint, 'id' | 'cost' | 'quality'>

const isDominated = (point: Raw, all: readonly Raw[]) =>
  all.some(
    (other) =>
      other.id !== point.id &&
      other.cost <= point.cost &&
      other.quality >= point.quality &&
      (other.cost < point.cost || other.quality > point.quality),
  )

/** The points that bound what is possible, cheapest first; the source counts when nothing beats it. */
export function frontOf(points: readonly CandidatePoint[]): readonly CandidatePoint[] {
  return points.filter((point) => !isDominated(point, points)).sort((a, b) => a.cost - b.cost)
}
