import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { keys } from '../frame/keys.ts'
import { type ColourMode, colourModes, select, sessionStore } from '../stores/session.ts'
import { Icon } from '../ui/icon.tsx'
import { Pick } from '../ui/pick.tsx'
import { pathTo, shownAs } from './graph-index.ts'
import { reveal } from './open-groups.ts'
import { searchNodes } from './search.ts'
import { currentCamera, seenStore, viewStore } from './view-store.ts'

/** At the right of the tab row: colours, search, zoom. */
export function ModelTools() {
  const colourBy = useStore(sessionStore, ({ colourBy }) => colourBy)
  return (
    <span className="tools">
      <Pick
        label="Colour by"
        value={colourBy}
        choices={colourModes.map((mode) => ({ id: mode, title: mode }))}
        onPick={(id) => sessionStore.setState({ colourBy: id as ColourMode })}
      />
      <Find />
      <Zoom />
      <button
        type="button"
        className="btn quiet small"
        aria-label="Show all"
        title="Show all (Space)"
        onClick={() => currentCamera()?.fit()}
      >
        <Icon name="fit" />
      </button>
    </span>
  )
}

/** By itself: it changes with every frame of a zoom, and menus need not. */
function Zoom() {
  const percent = useStore(seenStore, ({ zoom }) => Math.round(zoom * 100))
  return (
    <button type="button" className="btn quiet small zoom" title="Show at full size" onClick={() => currentCamera()?.zoomTo(1)}>
      {percent} %
    </button>
  )
}

/** Enter goes to the next match, Shift+Enter back. */
function Find() {
  const field = useRef<HTMLInputElement>(null)
  const search = useStore(viewStore, ({ search }) => search)
  const matches = useStore(viewStore, ({ matches }) => matches)
  const selection = useStore(sessionStore, ({ selection }) => selection)
  useFindKey(field)
  const at = selection?.kind === 'node' ? matches.indexOf(selection.id) : -1
  const step = (by: number) => {
    const next = matches[(at + by + matches.length) % matches.length]
    if (next !== undefined) goTo(next)
  }
  return (
    <label className="field find">
      <Icon name="find" />
      <input
        ref={field}
        value={search}
        placeholder="Find"
        aria-label="Find nodes"
        title={'Words are all wanted, "quotes" are exact, /slashes/ are a regular expression'}
        onChange={(event) => findNodes(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape') findNodes('')
        }}
      />
      {search === '' ? (
        <kbd>{keys.command}F</kbd>
      ) : (
        <span className="sm">{matches.length === 0 ? 'none' : at < 0 ? `${matches.length}` : `${at + 1} of ${matches.length}`}</span>
      )}
    </label>
  )
}

function useFindKey(field: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 'f') return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [field])
}

/** Marks what a search finds. */
export function findNodes(search: string): void {
  const { index } = viewStore.getState()
  viewStore.setState({ search, matches: index ? searchNodes(index.nodes.values(), search) : [] })
}

/** Opens what stands around a node, selects it and brings it into view. */
export function goTo(id: string): void {
  const { index } = viewStore.getState()
  if (!index) return
  reveal(pathTo(index, id))
  select({ kind: 'node', id })
  // The new drawing takes a moment in the worker.
  setTimeout(() => currentCamera()?.show(shownAs(index, id)), 120)
}
