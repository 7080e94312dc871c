import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { Side, ViewLink } from '../model-view/link.ts'
import { rectOf, unionOf } from '../model-view/rects.ts'
import type { Rect } from '../model-view/scene.ts'
import { overlaps } from '../model-view/spatial.ts'
import { chosenEntry, diffStore } from './diff-store.ts'
import type { ChangeEntry } from './from-changes.ts'

/** The line that ties what was on the left to what stands on the right: `6 to 1`. */
export function Tie({ link }: { link: ViewLink }) {
  const chosen = useStore(diffStore, chosenEntry)
  const svg = useRef<SVGSVGElement>(null)
  const [ends, setEnds] = useState<{ readonly left: End; readonly right: End } | null>(null)
  useEffect(() => {
    let asked = 0
    const measure = () => {
      asked = 0
      setEnds(chosen && svg.current ? endsOf(chosen, link, paneOf(svg.current)) : null)
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

/** One of the two drawings, which are equally wide. */
function paneOf(svg: SVGSVGElement): { readonly width: number; readonly height: number } {
  const { width, height } = svg.getBoundingClientRect()
  return { width: width / 2, height }
}

function Line({ left, right, kind, text }: { left: End; right: End; kind: string; text: string }) {
  const from = { x: left.x + left.width, y: left.y + left.height / 2 }
  const to = { x: right.x, y: right.y + right.height / 2 }
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const width = text.length * 7 + 16
  return (
    <g className={kind}>
      {[left, right].map((end) => end.tight && <Around key={`${end.x}`} rect={end} />)}
      <path d={`M${from.x + 5} ${from.y}C${middle.x} ${from.y} ${middle.x} ${to.y} ${to.x - 5} ${to.y}`} />
      <rect className="tag" x={middle.x - width / 2} y={middle.y - 9.5} width={width} height={19} rx={3} />
      <text x={middle.x} y={middle.y + 4} textAnchor="middle">
        {text}
      </text>
    </g>
  )
}

/** Hardly higher than its rows: in the same box others stand above and below. */
const Around = ({ rect: { x, y, width, height } }: { rect: Rect }) => (
  <rect className="around" x={x - 5} y={y - 1} width={width + 10} height={height + 2} rx={4} />
)

/** Where a line ends; `tight` when nothing but the nodes of the change stands in the rectangle. */
type End = Rect & { readonly tight: boolean }

/** Where both ends are on screen; only when both can be seen. */
function endsOf(
  entry: ChangeEntry,
  link: ViewLink,
  pane: { readonly width: number; readonly height: number },
): { left: End; right: End } | null {
  const left = onScreen(entry.left, link, { side: 'left', pane })
  const right = onScreen(entry.right, link, { side: 'right', pane })
  if (!left || !right) return null
  return { left, right: { ...right, x: right.x + pane.width } }
}

interface Pane {
  readonly side: Side
  readonly pane: { readonly width: number; readonly height: number }
}

/** The nodes of a change that are in view: all of them where they stand close, else the one that is nearest to the other side. */
function onScreen(ids: readonly string[], link: ViewLink, { side, pane }: Pane): End | null {
  const member = link.member(side)
  if (!member) return null
  const { x, y, zoom } = member.viewport()
  const rects = ids
    .flatMap((id) => rectOf(member.scene, id) ?? [])
    .map((rect) => ({
      x: rect.x * zoom + x,
      y: rect.y * zoom + y,
      width: rect.width * zoom,
      height: rect.height * zoom,
    }))
  const inView = rects.filter((rect) => overlaps(rect, { x: 0, y: 0, ...pane }))
  if (inView.length === 0) return null
  const whole = unionOf(inView)
  const filled = inView.reduce((sum, { width, height }) => sum + width * height, 0)
  if (inView.length === rects.length && whole.width * whole.height < filled * 2.5) return { ...whole, tight: true }
  const middle = pane.height / 2
  const nearest = inView.reduce((best, rect) => (Math.abs(rect.y - middle) < Math.abs(best.y - middle) ? rect : best))
  return { ...nearest, tight: false }
}
