import { type EdgeProps, useStore as useFlow } from '@xyflow/react'
import { memo } from 'react'
import { useStore } from 'zustand'
import type { Point } from './layered/types.ts'
import type { WireEdge } from './to-flow.ts'
import { viewStore } from './view-store.ts'

const radius = 5

/** Straight runs with rounded corners. */
export function pathThrough(points: readonly Point[]): string {
  let path = ''
  for (const [i, { x, y }] of points.entries()) {
    const before = points[i - 1]
    const after = points[i + 1]
    if (!before || !after) {
      path += `${before ? 'L' : 'M'}${x + 0.5} ${y}`
      continue
    }
    const r = Math.min(radius, distance(before, { x, y }) / 2, distance({ x, y }, after) / 2)
    const from = towards({ x, y }, before, r)
    const to = towards({ x, y }, after, r)
    path += `L${from.x + 0.5} ${from.y}Q${x + 0.5} ${y} ${to.x + 0.5} ${to.y}`
  }
  return path
}

const distance = (a: Point, b: Point) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y)

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1
  return { x: from.x + ((to.x - from.x) * length) / whole, y: from.y + ((to.y - from.y) * length) / whole }
}

/** The head of an arrow at the end of a line: down into a box, or from the side into a row. */
function headAt(points: readonly Point[]): string {
  const end = points.at(-1)!
  const before = points.at(-2) ?? end
  const { x, y } = { x: end.x + 0.5, y: end.y }
  if (before.y === end.y && before.x !== end.x) {
    const back = before.x < end.x ? -5 : 5
    return `M${x} ${y}l${back} -2.6v5.2z`
  }
  const back = before.y <= end.y ? -5 : 5
  return `M${x} ${y}l-2.6 ${back}h5.2z`
}

export const WireLine = memo(function WireLine({ data }: EdgeProps<WireEdge>) {
  const wire = data!.wire
  const chosen = useStore(viewStore, ({ wire: over }) => over === wire.value)
  const show = useFlow(({ transform }) => transform[2] > 0.25)
  if (!show) return null
  const path = wire.lines.map(({ points }) => pathThrough(points)).join('')
  return (
    <g
      className={chosen ? 'wire over' : 'wire'}
      onPointerEnter={() => viewStore.setState({ wire: wire.value })}
      onPointerLeave={() => viewStore.setState({ wire: null })}
    >
      <path className="reach" d={path} />
      <path className="e" d={path} />
      <path
        className="a"
        d={wire.lines
          .filter(({ arrow }) => arrow)
          .map(({ points }) => headAt(points))
          .join('')}
      />
      {wire.dots.map(({ x, y }) => (
        <circle key={`${x},${y}`} className="a" cx={x + 0.5} cy={y} r={2} />
      ))}
    </g>
  )
})
