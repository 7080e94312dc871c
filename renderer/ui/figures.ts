export { byteFigure as bytes } from '../../core/api/quantity.ts'

/** A number for the eye, in parts, so that the unit can be set quietly. */
export interface Figure {
  readonly value: string
  readonly unit: string
}

const minus = '−'

/** Fixed decimals, a thousands separator, a true minus sign; never `-0`. */
export function plain(value: number, decimals = 0): string {
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return value < 0 && Number(text.replaceAll(',', '')) !== 0 ? `${minus}${text}` : text
}

/** Three significant digits at most, as one reads them off an instrument: 0.071, 4.40, 12.3, 417. */
export function three(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  return plain(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}

export function milliseconds(ms: number): Figure {
  if (ms < 1000) return { value: three(ms), unit: 'ms' }
  if (ms < 60_000) return { value: plain(ms / 1000, 1), unit: 's' }
  return { value: `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`, unit: 'min' }
}

/** A time that is still going on: 48 s, 1:41 min. */
export function wholeSeconds(ms: number): Figure {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? { value: plain(seconds), unit: 's' } : milliseconds(seconds * 1000)
}

/** 1.02 M parameters. */
export function count(value: number): Figure {
  if (value < 10_000) return { value: plain(value), unit: '' }
  if (value < 1e6) return { value: plain(value / 1e3, value < 1e5 ? 1 : 0), unit: 'K' }
  if (value < 1e9) return { value: plain(value / 1e6, value < 1e7 ? 2 : value < 1e8 ? 1 : 0), unit: 'M' }
  return { value: plain(value / 1e9, 2), unit: 'B' }
}

/** Change from `before` to `after` in whole percent, signed. */
export function percentChange(before: number, after: number): string {
  const percent = Math.round((after / before - 1) * 100)
  return `${percent > 0 ? '+' : percent < 0 ? minus : '±'}${Math.abs(percent)} %`
}

export const signed = (value: number, decimals: number): string => {
  const text = plain(Math.abs(value), decimals)
  return `${Number(text) === 0 ? '±' : value > 0 ? '+' : minus}${text}`
}
