import type { Verdict } from '../../core/api/measurement.ts'
import { plain } from './figures.ts'
import { Glyph } from './glyph.tsx'

/** Glyph and colour of a verdict; the words say it too. */
export function VerdictText({
  verdict,
  percent,
  words,
}: {
  verdict: Verdict
  percent: number | null
  words: { better: string; worse: string }
}) {
  if (verdict === 'no clear difference') return <span className="t2">≈ no clear difference</span>
  if (verdict === 'not comparable') return <span className="t3">not comparable</span>
  const better = verdict === 'better'
  const size = percent === null ? '' : percent > 300 ? `${plain(percent / 100 + 1)} × ` : `${Math.abs(percent)} % `
  return (
    <span className={verdict}>
      <Glyph name={better ? 'less' : 'more'} /> {size}
      {better ? words.better : words.worse}
    </span>
  )
}

export const percentOf = (before: number, after: number): number => Math.round((after / before - 1) * 100)
