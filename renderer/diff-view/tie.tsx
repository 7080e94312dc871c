import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { Side, ViewLink } from '../model-view/link.ts'
import { rectAround } from '../model-view/rects.ts'
import type { Rect } from '../model-view/scene.ts'
import { chosenEntry, diffStore } from './diff-store.ts'
import type { ChangeEntry } from './from-changes.ts'

/** The line that ties what was on the left to what stands on the right: `6 to 1`. */
export function Tie({ link }: { link: ViewLink }) {
  const chosen = useStore(diffStore, chosenEntry)
  const svg = useRef<SVGSVGElement>(null)
  const [ends, setEnds] = useState<{ readonly left: Rect; readonly right: Rect } | null>(null)
  useEffect(() => {
    let asked = 0
    const measure = () => {
      asked = 0
      setEnds(chosen && svg.current ? endsOf(chosen, link, svg.current.getBoundingClientRect().width) : null)
    }
    const ask = () => {
      asked ||= requestAnimationFrame(measure)
    }
    ask()
    const stop = link.watch(ask)
    return () => {
      stop()
      cancelAnimationFrame(asked)
    }
  }, [chosen, link])
  return (
    <svg className="tie" ref={svg} aria-hidden="true">
      {ends && chosen && <Line left={ends.left} right={ends.right} kind={chosen.kind} text={chosen.count || '1 to 1'} />}
    </svg>
  )
}

function Line({ left, right, kind, text }: { left: Rect; right: Rect; kind: string; text: string }) {
  const from = { x: left.x + left.width, y: left.y + left.height / 2 }
  const to = { x: right.x, y: right.y + right.height / 2 }
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const width = text.length * 7 + 16
  return (
    <g className={kind}>
      <rect className="around" x={left.x - 5} y={left.y - 5} width={left.width + 10} height={left.height + 10} rx={4} />
      <rect className="around" x={right.x - 5} y={right.y - 5} width={right.width + 10} height={right.height + 10} rx={4} />
      <path d={`M${from.x + 5} ${from.y}C${middle.x} ${from.y} ${middle.x} ${to.y} ${to.x - 5} ${to.y}`} />
      <rect className="tag" x={middle.x - width / 2} y={middle.y - 9.5} width={width} height={19} rx={3} />
      <text x={middle.x} y={middle.y + 4} textAnchor="middle">
        {text}
      </text>
    </g>
  )
}

/** Where both ends are on screen; only when both can be seen. */
function endsOf(entry: ChangeEntry, link: ViewLink, width: number): { left: Rect; right: Rect } | null {
  const left = onScreen(entry.left, link, 'left')
  const right = onScreen(entry.right, link, 'right')
  if (!left || !right) return null
  return { left, right: { ...right, x: right.x + width / 2 } }
}

function onScreen(ids: readonly string[], link: ViewLink, side: Side): Rect | null {
  const member = link.member(side)
  const around = member && rectAround(member.scene, ids)
  if (!member || !around) return null
  const { x, y, zoom } = member.viewport()
  return { x: around.x * zoom + x, y: around.y * zoom + y, width: around.width * zoom, height: around.height * zoom }
}
