import { isDistance, metricName, metricTitle } from '../../../core/api/metric.ts'
import { quantity } from '../../../core/api/quantity.ts'
import type { Candidate } from '../../../core/api/report.ts'

/** How the quality of candidates is told of: they are judged by one metric, where by any. */
export interface QualityTold {
  readonly metric: string
  /** `Accuracy, 200 samples`; `SQNR against source, 8 samples`. */
  readonly title: string
  /** The same with the unit, beside an axis. */
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
    title: `${name(metricTitle(metric))}, ${taken}`,
    axis: `${name(metricName(metric))}${isDistance(metric) ? ', dB' : ''}, ${taken}`,
    column: metricName(metric),
  }
}
