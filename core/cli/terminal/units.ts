export { byteText as bytes } from '../../api/quantity.ts'

/** Milliseconds as a figure for a column whose header says `ms`: `7.44`, `0.012`. */
export function milliseconds(value: number): string {
  return value === 0 ? '0' : value < 0.001 ? '<0.001' : value < 1 ? value.toFixed(3) : threeDigits(value)
}

/** Joules with their unit: `12.3 mJ`, `1.24 J`. */
export const joules = (value: number): string => (value < 1 ? `${threeDigits(1000 * value)} mJ` : `${threeDigits(value)} J`)

/** A duration for a sentence: `0.85 s`, `2 min 05 s`, `31 ms`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${threeDigits(seconds)} s`
  const rest = Math.floor(seconds % 60)
  return `${Math.floor(seconds / 60)} min ${String(rest).padStart(2, '0')} s`
}

/** `1,048,576` */
export function count(value: number): string {
  // Not toLocaleString: the first call of it loads all of the internationalization data.
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Change from one figure to another: `-43 %`, `+1.2 %`, `±0 %`. */
export function change(from: number, to: number): string {
  if (from === 0) return to === 0 ? '±0 %' : 'new'
  const percent = (to / from - 1) * 100
  const digits = Math.abs(percent) < 10 ? 1 : 0
  const figure = Math.abs(percent).toFixed(digits)
  if (Number(figure) === 0) return '±0 %'
  return `${percent < 0 ? '-' : '+'}${figure} %`
}

/** A small error: `1.9e-6`, `0.012`, `0`. */
export function small(value: number): string {
  if (value === 0) return '0'
  return Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(2)
}

function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
