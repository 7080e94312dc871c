import { useStore } from 'zustand'
import { letterOf } from '../../frame/candidate-figures.tsx'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { plain, three } from '../../ui/figures.ts'
import { type Label, placeLabels } from './place-labels.ts'
import { type CandidatePoint, frontOf, type Measure } from './points.ts'

interface Frame {
  readonly width: number
  readonly height: number
}
const inset = { left: 44, right: 14, top: 22, bottom: 40 }

/** A round step for about `count` ticks. */
function step(span: number, count: number): number {
  const raw = span / count
  const power = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw)!
}

function scaleOf(values: readonly number[], from: number, to: number) {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const pad = (high - low || Math.abs(high) || 1) * 0.18
  const [start, end] = [low - pad, high + pad]
  const by = step(end - start, 4)
  const first = Math.ceil(start / by) * by
  const ticks = Array.from({ length: Math.floor((end - first) / by) + 1 }, (_, n) => first + n * by)
  return {
    at: (value: number) => from + ((value - start) / (end - start)) * (to - from),
    ticks,
    decimals: Math.max(0, -Math.floor(Math.log10(by))),
  }
}

/** Quality against cost, with the front of what is possible. A click chooses a candidate. */
export function Scatter({
  points,
  measure,
  metric,
  frame,
}: {
  points: readonly CandidatePoint[]
  measure: Measure
  metric: string
  frame: Frame
}) {
  const x = scaleOf(
    points.map(({ cost }) => cost),
    inset.left,
    frame.width - inset.right,
  )
  const y = scaleOf(
    points.map(({ quality }) => quality),
    frame.height - inset.bottom,
    inset.top,
  )
  const floor = frame.height - inset.bottom
  const front = frontOf(points)
  const steps = front.map(({ cost, quality }, n) => `${n === 0 ? `M${x.at(cost)} ${floor}V` : `H${x.at(cost)}V`}${y.at(quality)}`).join('')
  const path = front.length > 0 ? `${steps}H${frame.width - inset.right}` : ''
  const candidates = useStore(runStore, ({ candidates }) => candidates)
  const placed = points.map((point) => ({ point, cx: x.at(point.cost), cy: y.at(point.quality) }))
  const texts = points.map(({ id, kind }) => (kind === 'source' ? 'source' : `${letterOf(candidates, id)} ${id}`))
  const labels = placeLabels(
    placed.map(({ cx, cy }, n) => ({ x: cx, y: cy, text: texts[n]! })),
    frame.width,
  )
  return (
    <svg className="scatter" viewBox={`0 0 ${frame.width} ${frame.height}`} width="100%">
      <title>{`${metric} against ${measure}`}</title>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <path className="ax" d={`M${inset.left} ${y.at(tick)}H${frame.width - inset.right}`} />
          <text x={inset.left - 7} y={y.at(tick) + 4} textAnchor="end">
            {plain(tick, y.decimals)}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={tick}>
          <path className="tick" d={`M${x.at(tick)} ${floor}v4`} />
          <text x={x.at(tick)} y={floor + 16} textAnchor="middle">
            {plain(tick, x.decimals)}
          </text>
        </g>
      ))}
      <path className="tick" d={`M${inset.left} ${floor + 0.5}H${frame.width - inset.right}`} />
      <text className="q" x={2} y={frame.height - 6}>
        {metric}
      </text>
      <text className="q" x={frame.width - inset.right} y={frame.height - 6} textAnchor="end">
        {measure === 'latency' ? 'latency, ms' : 'size, MB'}
      </text>
      {path && <path className="reach" d={`${path}V${floor}z`} />}
      {path && <path className="front-line" d={path} />}
      {placed.map(({ point, ...place }, n) => (
        <Dot key={point.id} point={point} name={texts[n]!} {...place} label={labels[n]!} />
      ))}
    </svg>
  )
}

function Dot({ point, name, cx, cy, label }: { point: CandidatePoint; name: string; cx: number; cy: number; label: Label }) {
  const chosen = useStore(sessionStore, ({ candidate }) => candidate === point.id)
  const isSource = point.kind === 'source'
  const choose = () => !isSource && sessionStore.setState({ candidate: point.id })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a point of a chart is no HTML button
    <g
      className={`dot ${point.kind}`}
      role="button"
      tabIndex={isSource ? -1 : 0}
      aria-pressed={chosen}
      aria-label={`${name}: ${three(point.cost)}, ${plain(point.quality, 3)}`}
      onClick={choose}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && choose()}
    >
      {chosen && <circle className="ring" cx={cx} cy={cy} r={7} />}
      {isSource ? <rect x={cx - 3.4} y={cy - 3.4} width={6.8} height={6.8} /> : <circle cx={cx} cy={cy} r={3.6} />}
      <text x={label.x} y={label.y} textAnchor={label.anchor} className={chosen ? 'name' : ''}>
        {name}
      </text>
    </g>
  )
}
