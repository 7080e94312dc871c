import { useStore } from 'zustand'
import { metricText } from '../../../core/api/metric.ts'
import { letterOf } from '../../frame/candidate-figures.tsx'
import { runStore } from '../../stores/run.ts'
import { sessionStore } from '../../stores/session.ts'
import { three } from '../../ui/figures.ts'
import { type Label, placeLabels } from './place-labels.ts'
import { type CandidatePoint, frontOf, type Measure } from './points.ts'
import { qualityScale, scaleOf } from './quality-scale.ts'
import type { QualityTold } from './quality-told.ts'

interface Frame {
  readonly width: number
  readonly height: number
}
const inset = { left: 44, right: 14, top: 22, bottom: 40 }

/** Quality against cost, with the front of what is possible. A click chooses a candidate. */
export function Scatter({
  points,
  measure,
  quality,
  frame,
}: {
  points: readonly CandidatePoint[]
  measure: Measure
  quality: QualityTold
  frame: Frame
}) {
  const x = scaleOf(
    points.map(({ cost }) => cost),
    inset.left,
    frame.width - inset.right,
  )
  const y = qualityScale(
    quality.metric,
    points.map((point) => point.quality),
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
      <title>{`${quality.title} against ${measure}`}</title>
      {y.ticks.map(({ at, text }) => (
        <g key={text}>
          <path className={at === y.exact ? 'ax broken' : 'ax'} d={`M${inset.left} ${at}H${frame.width - inset.right}`} />
          <text x={inset.left - 7} y={at + 4} textAnchor="end">
            {text}
          </text>
        </g>
      ))}
      {y.isBroken && <path className="tick" d={`M${inset.left - 16} ${y.exact! + 20}l9 -5m-9 9l9 -5`} />}
      {x.ticks.map(({ at, text }) => (
        <g key={text}>
          <path className="tick" d={`M${at} ${floor}v4`} />
          <text x={at} y={floor + 16} textAnchor="middle">
            {text}
          </text>
        </g>
      ))}
      <path className="tick" d={`M${inset.left} ${floor + 0.5}H${frame.width - inset.right}`} />
      <text className="q" x={2} y={frame.height - 6}>
        {quality.axis}
      </text>
      <text className="q" x={frame.width - inset.right} y={frame.height - 6} textAnchor="end">
        {measure === 'latency' ? 'latency, ms' : 'size, MB'}
      </text>
      {path && <path className="reach" d={`${path}V${floor}z`} />}
      {path && <path className="front-line" d={path} />}
      {placed.map(({ point, ...place }, n) => (
        <Dot key={point.id} point={point} name={texts[n]!} metric={quality.metric} {...place} label={labels[n]!} />
      ))}
    </svg>
  )
}

interface DotProps {
  readonly point: CandidatePoint
  readonly name: string
  readonly metric: string
  readonly cx: number
  readonly cy: number
  readonly label: Label
}

function Dot({ point, name, metric, cx, cy, label }: DotProps) {
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
      aria-label={`${name}: ${three(point.cost)}, ${metricText(metric, point.quality, 3)}`}
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
