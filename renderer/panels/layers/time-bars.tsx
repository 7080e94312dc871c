import type { LayerRow } from '../../../core/api/report.ts'
import { three } from '../../ui/figures.ts'

const room = 100

/** A round step that divides the axis in two or three. */
export function stepOf(longest: number): number {
  const raw = longest / 2.6
  const power = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw * 0.999) ?? power
}

export const ticksOf = (longest: number): number[] => {
  const step = stepOf(longest)
  return Array.from({ length: Math.floor((longest * 1.02) / step) + 1 }, (_, n) => n * step)
}

const short = (value: number) => String(Number(value.toPrecision(2)))

const at = (value: number, longest: number) => 1 + (value / longest) * (room - 8)

interface Tick {
  readonly at: number
  /** Empty where the text would stand in that of the last tick, which names the unit. */
  readonly text: string
  readonly anchor: 'start' | 'middle' | 'end'
}

/** Average advance of the axis' 11 px figures. */
const advance = 6.2

/** The ticks of the axis with the texts that have room beside each other. */
export function axisTicks(longest: number): Tick[] {
  const ticks = ticksOf(longest)
  const last = ticks.length - 1
  const all = ticks.map((tick, n): Tick => {
    const text = n === last ? `${short(tick)} ms` : short(tick)
    const x = at(tick, longest)
    const anchor = n === 0 ? 'start' : x + (text.length * advance) / 2 > room ? 'end' : 'middle'
    return { at: x, text, anchor }
  })
  const span = ({ at, text, anchor }: Tick): [number, number] => {
    const width = text.length * advance
    const from = anchor === 'start' ? at : anchor === 'end' ? at - width : at - width / 2
    return [from, from + width]
  }
  const [unit] = span(all[last]!)
  return all.map((tick, n) => (n < last && span(tick)[1] + 4 > unit ? { ...tick, text: '' } : tick))
}

export function TimeAxis({ longest }: { longest: number }) {
  return (
    <svg className="g" width="108" height="28" aria-label="Milliseconds" role="img">
      {axisTicks(longest).map(({ at: x, text, anchor }) => (
        <g key={x}>
          <text x={anchor === 'end' ? room + 6 : x} y="17" textAnchor={anchor}>
            {text}
          </text>
          <path className="ax" d={`M${x} 22v6`} />
        </g>
      ))}
    </svg>
  )
}

type Times = LayerRow['latencyMs']
type Interval = NonNullable<Times['intervals']>['baseline']

/** How far the axis reaches beyond the longest bar for the sake of intervals; one profile gone astray would flatten all bars otherwise. */
const reach = 1.5

/** Milliseconds at the end of the axis: the longest bar, and its interval where that is not far beyond. */
export function longestOf(all: readonly Times[]): number {
  const both = all.flatMap(({ baseline, candidate }) => [baseline, candidate]).map((time) => (typeof time === 'number' ? time : 0))
  const highs = all.flatMap(({ intervals }) => (intervals ? [intervals.baseline.high, intervals.candidate.high] : []))
  const bar = Math.max(...both, 1e-6)
  return Math.max(bar, Math.min(Math.max(...highs, 0), reach * bar))
}

/** A line from low to high with a stroke at each end; an end beyond the axis has none. */
export function whiskerPath({ low, high }: Interval, y: number, longest: number): string {
  const [from, to] = [at(Math.min(low, longest), longest), at(Math.min(high, longest), longest)]
  const end = (x: number, value: number) => (value > longest ? '' : `M${x.toFixed(1)} ${y - 2}v4`)
  return `M${from.toFixed(1)} ${y}H${to.toFixed(1)}${end(from, low)}${end(to, high)}`
}

/** Source above, candidate below, on the axis of the column's head; whiskers tell what repeated profiles came to. */
export function TimeBars({ times: { intervals }, before, after, longest }: BarsProps) {
  return (
    <svg className="g" width="108" height="23" aria-hidden="true">
      {ticksOf(longest).map((tick) => (
        <path key={tick} className="ax" d={`M${at(tick, longest)} 0v23`} />
      ))}
      {before !== null && <rect className="base" x="1" y="6" width={Math.max(1, at(before, longest) - 1)} height="4.5" />}
      {before !== null && intervals && <path className="whisker" d={whiskerPath(intervals.baseline, 8.25, longest)} />}
      {after !== null && <rect className="cand-bar" x="1" y="12.5" width={Math.max(1, at(after, longest) - 1)} height="4.5" />}
      {after !== null && intervals && <path className="whisker" d={whiskerPath(intervals.candidate, 14.75, longest)} />}
    </svg>
  )
}

interface BarsProps {
  readonly times: Times
  readonly before: number | null
  readonly after: number | null
  readonly longest: number
}

/** What the whiskers of a bar say, in words. */
export function intervalText({ intervals }: Times, side: 'baseline' | 'candidate'): string | undefined {
  if (!intervals) return undefined
  const { low, high } = intervals[side]
  return `${three(low)} … ${three(high)} ms in repeated profiles; holds the median with ${Math.floor(100 * intervals.level)} %`
}
