import { type RefObject, useEffect, useState } from 'react'
import type { Spot } from '../actions/pipeline.ts'
import { dropAt, isDragging } from './dragging.ts'

/** Makes an element a place where passes and stages can be put; tells whether one hovers over it. */
export function useDrop(element: RefObject<HTMLElement | null>, spot: Spot): boolean {
  const [over, setOver] = useState(false)
  const key = JSON.stringify(spot)
  useEffect(() => {
    const target = element.current
    if (!target) return
    const onOver = (event: DragEvent) => {
      if (!isDragging(event)) return
      event.preventDefault()
      event.stopPropagation()
      setOver(true)
    }
    const onLeave = () => setOver(false)
    const onDrop = (event: DragEvent) => {
      if (!isDragging(event)) return
      setOver(false)
      dropAt(event, JSON.parse(key) as Spot)
    }
    target.addEventListener('dragover', onOver)
    target.addEventListener('dragleave', onLeave)
    target.addEventListener('drop', onDrop)
    return () => {
      target.removeEventListener('dragover', onOver)
      target.removeEventListener('dragleave', onLeave)
      target.removeEventListener('drop', onDrop)
    }
  }, [element, key])
  return over
}
