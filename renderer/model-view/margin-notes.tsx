import { memo, useMemo } from 'react'
import { useStore } from 'zustand'
import { KeepButtons } from '../panels/inspector/sensitive-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { labelPlace } from './findings.ts'
import { farZoom } from './graph-canvas.tsx'
import type { GraphIndex } from './graph-index.ts'
import { goTo } from './model-tools.tsx'
import type { MarginNote } from './notes-of.ts'
import { placeNotes } from './place-notes.ts'
import type { SceneIndex } from './spatial.ts'
import { twinsOf } from './twins.ts'
import { seenStore, viewStore } from './view-store.ts'

/** Findings at the right of the drawing, each tied to its place by a hairline; only where the drawing leaves room. */
export function MarginNotes({ index }: { index: SceneIndex }) {
  const { seen, zoom } = useStore(seenStore)
  const { notes, marks } = useStore(viewStore, ({ findings }) => findings)
  const corner = useStore(viewStore, ({ corner }) => corner)
  const labels = useMemo(() => marks.filter(({ spelled }) => spelled).map(labelPlace), [marks])
  if (!seen || zoom < farZoom) return null
  const placed = placeNotes(notes, { index, labels, corner }, seen, zoom)
  if (placed.length === 0) return null
  return (
    <>
      <svg className="leaders" aria-hidden="true">
        {placed.map(({ note, leader, end }) => (
          <g key={note.id}>
            <path d={leader} />
            <circle cx={end.x} cy={end.y} r={2.2} />
          </g>
        ))}
      </svg>
      {placed.map(({ note, x, y, width }) => (
        <section
          key={note.id}
          className={`margin-note ${note.kind}`}
          style={{ transform: `translate(${x}px, ${y}px)`, width }}
          aria-label={note.title}
        >
          <Note note={note} />
        </section>
      ))}
    </>
  )
}

/** What a note says; it moves with every frame, and this stays as it is. */
const Note = memo(function Note({ note }: { note: MarginNote }) {
  const index = useStore(viewStore, ({ index }) => index)
  const twins = useMemo(() => (index ? twinsOfAll(index, note.refs) : []), [index, note])
  return (
    <>
      <button type="button" className="margin-head" onClick={() => goTo(note.node)}>
        {note.kind === 'sensitive' ? <Icon name="caution" className="caution" size={13} /> : <i className="sign near-miss" />}
        <b>{note.title}</b>
      </button>
      <p>{note.text}</p>
      {note.kind === 'sensitive' && <KeepButtons refs={note.refs} twins={twins} quiet />}
    </>
  )
})

function twinsOfAll(index: GraphIndex, refs: readonly string[]): string[] {
  const wanted = new Set(refs)
  return [...index.nodes.values()].filter(({ ref }) => wanted.has(ref)).flatMap(({ id }) => twinsOf(index, id))
}
