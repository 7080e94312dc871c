/** Decibels that stand for outputs without any difference: what the source has against itself. */
export const exactDecibels = 200

/** Whether a metric tells how far outputs are from those of the source. The source has no figure of its own then, and no difference of two is one. */
export const isDistance = (metric: string): boolean => metric === 'sqnr'

/** Whether a metric is a share of what was judged, from 0 to 1: changes of it are told in points. */
export const isShare = (metric: string): boolean => /accuracy|top5|agreement|f1/.test(metric)

const names: Readonly<Record<string, string>> = { sqnr: 'SQNR', mse: 'MSE', f1: 'F1', top5: 'top-5 accuracy' }

/** What a metric is called where people read it. */
export const metricName = (metric: string): string => names[metric] ?? metric

/** The same at the beginning of a line. */
export const metricTitle = (metric: string): string => `${metricName(metric)[0]?.toUpperCase() ?? ''}${metricName(metric).slice(1)}`

/** A figure of a metric and its unit: `31.5` and `dB`, `exact`, `0.9872`. */
export function metricFigure(metric: string, value: number, digits: number): { readonly value: string; readonly unit: string } {
  if (isDistance(metric) && value >= exactDecibels) return { value: 'exact', unit: '' }
  const text = Math.abs(value).toFixed(isDistance(metric) ? 1 : digits)
  return { value: value < 0 && Number(text) !== 0 ? `−${text}` : text, unit: isDistance(metric) ? 'dB' : '' }
}

/** The same in one: `31.5 dB`. */
export function metricText(metric: string, of: number, digits: number): string {
  const { value, unit } = metricFigure(metric, of, digits)
  return unit === '' ? value : `${value} ${unit}`
}
