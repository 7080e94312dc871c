import { isDistance, metricName, metricTitle } from '../../../core/api/metric.ts'
import { quantity } from '../../../core/api/quantity.ts'
import type { Candidate } from '../../../core/api/report.ts'
import type { Measure } from './points.ts'

/** How the quality of candidates is told of: they are judged by one metric, where by any. */
export interface QualityTold {
  readonly metric: string
  /** `Accuracy`; `SQNR against source`. */
  readonly title: string
  /** The same with unit and samples, beside an axis. */
  readonly axis: string
  /** In the head of a table. */
  readonly column: string
}

export function qualityOf(candidates: readonly Candidate[]): QualityTold {
  const found = candidates.map(({ accuracy }) => accuracy).find((one) => 'metric' in one)
  if (found === undefined || !('metric' in found)) return { metric: '', title: 'Accuracy', axis: 'accuracy', column: 'accuracy' }
  const { metric, samples } = found
  const taken = quantity(samples, 'sample')
  const name = (text: string) => (isDistance(metric) ? `${text} against source` : text)
  return {
    metric,
    title: name(metricTitle(metric)),
    axis: `${name(metricName(metric))}${isDistance(metric) ? ', dB' : ''}, ${taken}`,
    column: metricName(metric),
  }
}

/** Why there is no chart of one over the other. */
export function whyNoChart([first]: readonly Candidate[], measure: Measure): string {
  if (first && 'unavailable' in first.accuracy) return `There is no chart without an accuracy: ${first.accuracy.unavailable}.`
  if (first && measure === 'latency' && 'unavailable' in first.latencyMs)
    return `There is no chart over latency: ${first.latencyMs.unavailable}.`
  return `The chart appears once a candidate has both an accuracy and a ${measure}.`
}
