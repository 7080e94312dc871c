import { useEffect } from 'react'
import { goOut, select, sessionStore } from '../stores/session.ts'
import { pathTo } from './graph-index.ts'
import { openGroups, toggleGroup } from './open-groups.ts'
import { holds, overlaps } from './spatial.ts'
import { type Direction, stepFrom, stopsOf } from './steps.ts'
import { currentCamera, seenStore, viewStore } from './view-store.ts'

/** What D, I and U put on the nodes or take away, as in Netron. */
const shownBy = { d: 'attributes', i: 'weights', u: 'names' } as const

/** Keys of the graph while no field has the focus: Space fits, Enter opens, Backspace leads out, Shift with arrows zooms. */
export function GraphKeys() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, button, [role=menu], [role=dialog]')) {
        if (!event.target.closest('.graph')) return
        if (event.key === ' ' || event.key === 'Enter') return
      }
      const direction = arrows[event.key as keyof typeof arrows]
      if (direction && !event.shiftKey && event.target instanceof HTMLElement && event.target.closest('[role=application]')) {
        event.preventDefault()
        step(direction)
      }
      if (event.key === ' ') {
        event.preventDefault()
        currentCamera()?.fit()
      }
      if (event.key === 'Enter') open()
      if (event.key === 'Backspace') event.shiftKey ? currentCamera()?.zoomTo(1) : leave()
      if (event.shiftKey && event.key === 'ArrowUp') currentCamera()?.zoomTo(seenStore.getState().zoom * 1.25)
      if (event.shiftKey && event.key === 'ArrowDown') currentCamera()?.zoomTo(seenStore.getState().zoom / 1.25)
      const toggled = shownBy[event.key.toLowerCase() as keyof typeof shownBy]
      if (toggled && !event.altKey && !event.shiftKey) {
        event.preventDefault()
        viewStore.setState(({ shown }) => ({ shown: { ...shown, [toggled]: !shown[toggled] } }))
      }
      if (event.key === 'Escape') select(null)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return null
}

const arrows = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' } as const

/** Selects the neighbour, or the first thing in view. */
function step(direction: Direction): void {
  const { scene } = viewStore.getState()
  const { seen } = seenStore.getState()
  const { selection } = sessionStore.getState()
  if (!scene) return
  const stops = stopsOf(scene)
  const from = stops.find(({ id }) => id === selection?.id)
  const next = from ? stepFrom(stops, from, direction) : (stops.find((stop) => seen && overlaps(stop, seen)) ?? stops[0])
  if (!next) return
  select({ kind: next.kind, id: next.id })
  if (!seen || !holds(seen, next)) currentCamera()?.show(next.id)
}

function open(): void {
  const { selection } = sessionStore.getState()
  const { index } = viewStore.getState()
  if (index && selection?.kind === 'group') toggleGroup(selection.id, index)
}

/** From a node to its group; from a group: closes it. */
function leave(): void {
  const { selection } = sessionStore.getState()
  const { index } = viewStore.getState()
  if (index && !selection) goOut(Math.max(0, sessionStore.getState().inside.length - 1))
  if (selection?.kind === 'nodes') select(null)
  if (!index || !selection || selection.kind === 'stage' || selection.kind === 'nodes') return
  const path = pathTo(index, selection.id)
  const around = selection.kind === 'node' ? path.at(-1) : openGroups.getState().open.has(selection.id) ? selection.id : path.at(-2)
  if (around !== undefined && openGroups.getState().open.has(around)) toggleGroup(around, index)
  select(around === undefined ? null : { kind: 'group', id: around })
}
