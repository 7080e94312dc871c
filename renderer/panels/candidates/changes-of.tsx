import type { Candidate, GraphChanges } from '../../../core/api/report.ts'
import { plain } from '../../ui/figures.ts'
import { FromTo, Glyph, type GlyphName } from '../../ui/glyph.tsx'

const glyphs: Readonly<Record<GraphChanges['groups'][number]['kind'], GlyphName>> = {
  added: 'added',
  removed: 'removed',
  fused: 'fused',
  changed: 'changed',
}

/** What became of the graph, alike changes together: the whole walk through it is the diff. */
export function ChangesOf({ candidate: { changes } }: { candidate: Candidate }) {
  if (changes.groups.length === 0) return null
  return (
    <section className="exp" aria-label="What became of the graph">
      <h3 className="side-title">What became of the graph</h3>
      <ul className="changes-of">
        {changes.groups.map(({ kind, before, after, why, count, example }) => (
          <li key={`${kind}${before.join()}${after.join()}${why}`} className={kind} title={`such as ${example}`}>
            <Glyph name={glyphs[kind]} />
            <span className="words">
              {before.length > 0 && after.length > 0 ? (
                <FromTo from={before.join(', ')} to={after.join(', ')} />
              ) : (
                (before.length > 0 ? before : after).join(', ')
              )}
              <small>{why}</small>
            </span>
            <span className="t2 nw">{plain(count)} ×</span>
          </li>
        ))}
      </ul>
      {changes.more > 0 && <p className="sm t3">and {plain(changes.more)} more kinds of change: see Diff</p>}
    </section>
  )
}
