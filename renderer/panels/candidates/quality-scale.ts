import { exactDecibels, isDistance, isShare } from '../../../core/api/metric.ts'
import { plain } from '../../ui/figures.ts'

export interface Tick {
  readonly at: number
  readonly text: string
}

/** Where values stand along an axis, and what is written there. */
export interface Scale {
  at(value: number): number
  readonly ticks: readonly Tick[]
}

/** A round step for about `count` ticks. */
function step(span: number, count: number): number {
  const raw = span / count
  const power = 10 ** Math.floor(Math.log10(raw))
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw)!
}

/** A linear axis with room on both sides of the values; `from` and `to` in pixels, `narrowest` where all values are one. */
export function scaleOf(values: readonly number[], from: number, to: number, narrowest?: number): Scale {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const pad = (high - low || narrowest || Math.abs(high) || 1) * 0.18
  const [start, end] = [low - pad, high + pad]
  const by = step(end - start, 5)
  const first = Math.ceil(start / by) * by
  const at = (value: number) => from + ((value - start) / (end - start)) * (to - from)
  const decimals = Math.max(0, -Math.floor(Math.log10(by)))
  const ticks = Array.from({ length: Math.floor((end - first) / by) + 1 }, (_, n) => first + n * by)
  return { at, ticks: ticks.map((tick) => ({ at: at(tick), text: plain(tick, decimals) })) }
}

/** What is a share of samples never passes 1. */
function sharesOf(values: readonly number[], from: number, to: number): Scale {
  const { at, ticks } = scaleOf(values, from, to, 0.05)
  return { at, ticks: ticks.filter((tick) => tick.at >= at(1) - 0.5) }
}

/** Pixels between the line of what is exact and the scale below it. */
const gap = 34

export interface QualityScale extends Scale {
  readonly exact: number | null
  /** Something stands below that line. */
  readonly isBroken: boolean
}

/**
 * The axis of a metric. Of a distance the source has none: it stands with all that is exact on a line of its own, above a scale of decibels,
 * and `exact` says where that line is.
 */
export function qualityScale(metric: string, values: readonly number[], from: number, to: number): QualityScale {
  if (!isDistance(metric)) return { ...(isShare(metric) ? sharesOf : scaleOf)(values, from, to), exact: null, isBroken: false }
  const line = to + 8
  const finite = values.filter((value) => value < exactDecibels)
  const below = finite.length === 0 ? null : scaleOf(finite, from, line + gap)
  return {
    at: (value) => (value >= exactDecibels || below === null ? line : below.at(value)),
    ticks: [...(below?.ticks ?? []), { at: line, text: 'exact' }],
    exact: line,
    isBroken: below !== null,
  }
}
