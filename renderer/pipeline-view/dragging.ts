import type { DragEvent as ReactDragEvent } from 'react'
import { addPass, move, type Spot } from '../actions/pipeline.ts'

/** What is being dragged: a pass of the library, or a stage of the pipeline. */
export type Dragged = { readonly kind: 'pass'; readonly pass: string } | { readonly kind: 'stage'; readonly stage: string }

let dragged: Dragged | null = null

export function beginDrag(event: ReactDragEvent, what: Dragged): void {
  dragged = what
  event.dataTransfer.effectAllowed = what.kind === 'pass' ? 'copy' : 'move'
  event.dataTransfer.setData('application/x-lathe', JSON.stringify(what))
  // Places to drop at come up over the card; Chromium ends a drag at once whose element is covered while it begins.
  setTimeout(() => {
    if (dragged === what) document.body.dataset.dragging = what.kind
  })
}

export function endDrag(): void {
  dragged = null
  delete document.body.dataset.dragging
}

export const isDragging = (event: DragEvent) => event.dataTransfer?.types.includes('application/x-lathe') ?? false

export function dropAt(event: DragEvent, spot: Spot): void {
  event.preventDefault()
  event.stopPropagation()
  const what = dragged
  endDrag()
  if (what?.kind === 'pass') addPass(what.pass, spot)
  else if (what?.kind === 'stage') move(what.stage, spot)
}
