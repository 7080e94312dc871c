import { useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import type { Diff } from '../../core/api/diff.ts'
import { plain } from '../ui/figures.ts'
import { Glyph } from '../ui/glyph.tsx'
import { diffStore, listedEntries, walkChanges } from './diff-store.ts'
import type { ChangeEntry } from './from-changes.ts'
import { useRight, useSides } from './use-sides.ts'
import './diff.css'

const kinds = ['changed', 'fused', 'removed', 'added'] as const
const tones = { changed: 'caution', fused: 'fused', removed: 'worse', added: 'better' } as const

/** All changes in graph order; n and p walk them. */
export function ChangesSide() {
  const left = useStore(diffStore, (state) => state.left)
  const right = useRight()
  const sides = useSides(left, right)
  const kind = useStore(diffStore, (state) => state.kind)
  const entries = useStore(diffStore, (state) => state.entries)
  const chosen = useStore(diffStore, (state) => state.chosen)
  const shown = useMemo(() => listedEntries({ entries, kind }), [entries, kind])
  const at = shown.findIndex(({ id }) => id === chosen)
  return (
    <aside className="col panel side" aria-label="Changes">
      <div className="head">
        <h2 className="grow">Changes</h2>
        {sides.state === 'ready' && (
          <span className="t3 sm">{sides.value.diff.matchedBy === 'lineage' ? 'by recorded lineage' : 'matched by structure'}</span>
        )}
      </div>
      {sides.state === 'ready' && <Mix summary={sides.value.diff.summary} />}
      {entries.length > 0 && (
        <div className="filt">
          <span className="seg">
            {(['all', ...kinds] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={kind === one}
                aria-label={one}
                title={one}
                onClick={() => diffStore.setState({ kind: one })}
              >
                {one === 'all' ? 'All' : <Glyph name={one} />}
              </button>
            ))}
          </span>
          <span className="grow" />
          <span className="t2">{at >= 0 ? `${at + 1} of ${shown.length}` : shown.length}</span>
          <button type="button" className="btn small" title="Previous change (p)" onClick={() => walkChanges(-1)}>
            p
          </button>
          <button type="button" className="btn small" title="Next change (n)" onClick={() => walkChanges(1)}>
            n
          </button>
        </div>
      )}
      <div className="scroll grow">
        {shown.map((entry, position) => (
          <Entry key={entry.id} entry={entry} heading={shown[position - 1]?.place !== entry.place} chosen={entry.id === chosen} />
        ))}
        {entries.length > 0 && shown.length === 0 && <p className="t2 pad-note">Nothing is {kind} between these two.</p>}
        {sides.state === 'ready' && entries.length === 0 && <p className="t2 pad-note">Both graphs are the same.</p>}
        {sides.state === 'idle' && <p className="t2 pad-note">Changes are listed here once two versions stand side by side.</p>}
      </div>
    </aside>
  )
}

function Mix({ summary }: { summary: Diff['summary'] }) {
  const all = ['same', ...kinds] as const
  const colours = {
    same: 'var(--line-2)',
    changed: 'var(--caution)',
    fused: 'var(--fused)',
    removed: 'var(--worse)',
    added: 'var(--better)',
  }
  return (
    <>
      <div className="mix" aria-hidden="true">
        {all.map((kind) => summary[kind] > 0 && <i key={kind} style={{ flex: summary[kind], background: colours[kind] }} />)}
      </div>
      <div className="sum">
        {all.map((kind) => (
          <span key={kind}>
            <b>{plain(summary[kind])}</b>
            {kind !== 'same' && (
              <span className={tones[kind]}>
                <Glyph name={kind} />{' '}
              </span>
            )}
            {kind}
          </span>
        ))}
      </div>
    </>
  )
}

function Entry({ entry, heading, chosen }: { entry: ChangeEntry; heading: boolean; chosen: boolean }) {
  const line = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <>
      {heading && <p className="grp">{entry.place}</p>}
      <button
        ref={line}
        type="button"
        className={chosen ? 'ch on' : 'ch'}
        aria-pressed={chosen}
        onClick={() => diffStore.setState({ chosen: entry.id })}
      >
        <span className={`gl ${tones[entry.kind]}`}>
          <Glyph name={entry.kind} />
        </span>
        <span className="title">{entry.title}</span>
        <span className="t3 sm nw">{entry.count}</span>
        <span className="d">{entry.detail}</span>
      </button>
    </>
  )
}
