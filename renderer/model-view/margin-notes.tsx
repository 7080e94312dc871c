import { useStore } from 'zustand'
import { KeepButtons } from '../panels/inspector/sensitive-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { farZoom } from './graph-canvas.tsx'
import { goTo } from './model-tools.tsx'
import { type PlacedNote, placeNotes } from './place-notes.ts'
import type { SceneIndex } from './spatial.ts'
import { twinsOf } from './twins.ts'
import { seenStore, viewStore } from './view-store.ts'

/** Findings at the right of the drawing, each tied to its place by a hairline; only where the drawing leaves room. */
export function MarginNotes({ index }: { index: SceneIndex }) {
  const { seen, zoom } = useStore(seenStore)
  const notes = useStore(viewStore, ({ findings }) => findings.notes)
  if (!seen || zoom < farZoom) return null
  const placed = placeNotes(notes, index, seen, zoom)
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
      {placed.map((one) => (
        <Note key={one.note.id} placed={one} />
      ))}
    </>
  )
}

function Note({ placed: { note, x, y, width } }: { placed: PlacedNote }) {
  const index = useStore(viewStore, ({ index }) => index)
  const unit = note.refs.flatMap((ref) => [...(index?.nodes.values() ?? [])].find((node) => node.ref === ref)?.id ?? [])
  const twins = index ? unit.flatMap((id) => twinsOf(index, id)) : []
  return (
    <section className={`margin-note ${note.kind}`} style={{ left: x, top: y, width }} aria-label={note.title}>
      <button type="button" className="margin-head" onClick={() => goTo(note.node)}>
        {note.kind === 'sensitive' ? <Icon name="caution" className="caution" size={13} /> : <i className="sign near-miss" />}
        <b>{note.title}</b>
      </button>
      <p>{note.text}</p>
      {note.kind === 'sensitive' && <KeepButtons refs={note.refs} twins={twins} quiet />}
    </section>
  )
}
