import type { Verdict } from '../../core/api/measurement.ts'
import { plain } from './figures.ts'
import { Glyph } from './glyph.tsx'

/** Glyph and colour of a verdict; the words say it too. */
export function VerdictText({
  verdict,
  because,
  percent,
  words,
}: {
  verdict: Verdict
  /** Why nothing is claimed; on hover. */
  because?: string | undefined
  percent: number | null
  words: { better: string; worse: string }
}) {
  if (verdict === 'no clear difference')
    return (
      <span className="t2" title={because}>
        ≈ no clear difference
      </span>
    )
  if (verdict === 'not comparable') return <span className="t3">not comparable</span>
  const better = verdict === 'better'
  const size = sizeOf(verdict, percent)
  return (
    <span className={verdict}>
      <Glyph name={better ? 'less' : 'more'} /> {size}
      {better ? words.better : words.worse}
    </span>
  )
}

/**
 * How much, for the word behind it: `12 % `. Empty where the figure says the opposite: the verdict is of paired rounds, and on an unsteady
 * machine the two medians may stand the other way round.
 * @param percent change of something of which less is better
 */
export function sizeOf(verdict: 'better' | 'worse', percent: number | null): string {
  if (percent === null || (verdict === 'worse' ? percent <= 0 : percent >= 0)) return ''
  return percent > 300 ? `${plain(percent / 100 + 1)} × ` : `${Math.abs(percent)} % `
}

export const percentOf = (before: number, after: number): number => Math.round((after / before - 1) * 100)
