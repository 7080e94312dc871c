import { styleText } from 'node:util'
import type { Verdict } from '../../api/measurement.ts'

/** How one stream shows text: colours and a width on a terminal, neither elsewhere. */
export interface Style {
  /** Characters in a line. */
  readonly width: number
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
}

type Stream = { readonly isTTY?: boolean; readonly columns?: number }

/** `NO_COLOR` and `FORCE_COLOR` as <https://no-color.org> and Node have them. */
export function styleFor(stream: Stream, environment: NodeJS.ProcessEnv = process.env): Style {
  const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0'
  const coloured = forced || (stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb')
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => (coloured ? styleText(format, text) : text)
  const width = stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY
  return { width, strong: paint('bold'), faint: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') }
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
