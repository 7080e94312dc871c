import { useRef } from 'react'
import type { Spot } from '../actions/pipeline.ts'
import { useDrop } from './use-drop.ts'

/** A place where a stage can be dropped. */
export function DropSpot({
  spot,
  label,
  className,
  style,
}: {
  spot: Spot
  label: string
  className: string
  style?: { left: number; top: number }
}) {
  const place = useRef<HTMLSpanElement>(null)
  const over = useDrop(place, spot)
  return <span ref={place} className={`${className} ${over ? 'over' : ''}`} style={style} title={label} data-spot={JSON.stringify(spot)} />
}
