import type { Unavailable, Verdict } from '../../api/measurement.ts'
import { html, type Markup } from './markup.ts'

export { byteText as bytes } from '../../api/quantity.ts'

const dash = '–'

/** Milliseconds with as many digits as say something: `7.44`, `0.012`. */
export function milliseconds(value: number): string {
  if (value >= 100) return value.toFixed(0)
  if (value >= 10) return value.toFixed(1)
  return value >= 1 ? value.toFixed(2) : value.toFixed(3)
}

export const count = (value: number): string => value.toLocaleString('en-US')

/** `−34 %`, `+5 %`, `±0 %`. */
export function change(from: number, to: number): string {
  if (from === 0) return to === 0 ? '±0 %' : 'new'
  const percent = (to / from - 1) * 100
  const figure = Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)
  if (Number(figure) === 0) return '±0 %'
  return `${percent < 0 ? '−' : '+'}${figure} %`
}

export function decimal(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : dash
}

/** Five digits say enough, and 1 only when it is. */
export function cosineText(value: number): string {
  return value >= 0.999995 && value < 1 ? '0.99999+' : decimal(value, 5)
}

/** Drawn, because not every font has small triangles. */
const triangle = (path: string): Markup => html`<svg class="tri" viewBox="0 0 8 8" aria-hidden="true"><path d="${path}"/></svg>`
const glyphs: Readonly<Record<Verdict, Markup>> = {
  better: triangle('M0 1.5h8L4 7z'),
  worse: triangle('M0 6.5h8L4 1z'),
  'no clear difference': html`≈`,
  'not comparable': html`?`,
}
const classes: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  'no clear difference': 'quiet',
  'not comparable': 'quiet',
}

/** A verdict in words, with the glyph and colour that go with it. */
export function verdictMark(verdict: Verdict, words: string = verdict): Markup {
  return html`<span class="${classes[verdict]} nw">${glyphs[verdict]} <span class="words">${words}</span></span>`
}

/** A latency verdict with its figure: `▾ 34 % faster`. */
export function latencyVerdict(verdict: Verdict, from: number, to: number): Markup {
  if (verdict !== 'better' && verdict !== 'worse') return verdictMark(verdict)
  if (from === 0 || to === 0) return html`<span class="${verdict} nw">${glyphs[verdict]} ${from === 0 ? 'new' : 'gone'}</span>`
  const percent = Math.abs(to / from - 1) * 100
  const figure = `${percent.toFixed(percent < 10 ? 1 : 0)} %`
  return html`<span class="${verdict} nw">${glyphs[verdict]} ${figure} <span class="words">${verdict === 'better' ? 'faster' : 'slower'}</span></span>`
}

/** A figure that may not be there: a dash with the reason on hover. */
export function orReason<T>(reading: T | Unavailable, show: (value: T) => string | Markup): Markup {
  if (typeof reading === 'object' && reading !== null && 'unavailable' in reading) {
    return html`<span class="quiet" title="${(reading as Unavailable).unavailable}">${dash}</span>`
  }
  return html`${show(reading as T)}`
}
