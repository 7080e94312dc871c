import { styleText } from 'node:util'
import type { Verdict } from '../../api/measurement.ts'

/** Colours for one stream: real on a terminal, nothing elsewhere. */
export interface Style {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
}

type Stream = { readonly isTTY?: boolean }

/** `NO_COLOR` and `FORCE_COLOR` as <https://no-color.org> and Node have them. */
export function styleFor(stream: Stream, environment: NodeJS.ProcessEnv = process.env): Style {
  const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0'
  const coloured = forced || (stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb')
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => (coloured ? styleText(format, text) : text)
  return { strong: paint('bold'), faint: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') }
}

const glyphs: Readonly<Record<Verdict, string>> = { better: '▲', worse: '▼', 'no clear difference': '≈', 'not comparable': '?' }

/** A verdict that reads without colour too: `▲ better`. */
export function verdictText(verdict: Verdict, style: Style): string {
  const text = `${glyphs[verdict]} ${verdict}`
  return verdict === 'better' ? style.good(text) : verdict === 'worse' ? style.bad(text) : style.faint(text)
}

/** The glyph alone, for narrow columns. */
export function verdictGlyph(verdict: Verdict, style: Style): string {
  const glyph = glyphs[verdict]
  return verdict === 'better' ? style.good(glyph) : verdict === 'worse' ? style.bad(glyph) : style.faint(glyph)
}
