import type { LayerRow } from '../../../core/api/report.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { percentOf, VerdictText } from '../../ui/verdict.tsx'
import { presenceOf, readingOf } from './layer-rows.ts'

/**
 * The latency verdict of a row. A row that only one version has is not some percent faster: it is gone, or new.
 * @param ratio candidate / baseline as it was judged, where the two readings are not what was judged
 */
export function RowVerdict({ row, ratio }: { row: LayerRow; ratio?: number | undefined }) {
  const presence = presenceOf(row)
  const { verdict, baseline, candidate } = row.latencyMs
  if (presence !== 'both' && (verdict === 'better' || verdict === 'worse'))
    return (
      <span className={verdict}>
        <Glyph name={verdict === 'better' ? 'less' : 'more'} /> {presence}
      </span>
    )
  const [before, after] = [readingOf(baseline), readingOf(candidate)]
  const percent =
    ratio !== undefined ? percentOf(1, ratio) : before !== null && after !== null && before > 0 ? percentOf(before, after) : null
  return <VerdictText verdict={verdict} percent={percent} words={{ better: 'faster', worse: 'slower' }} />
}
