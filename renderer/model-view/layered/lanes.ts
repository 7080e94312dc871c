import type { Layers } from './order.ts'
import type { Net } from './types.ts'

export type LaneSide = 'left' | 'right'

/** A run outside the boxes, from the channel under `from` to the channel over `to` (layers; upwards for an edge against the order). */
export interface Lane {
  readonly net: Net
  readonly targets: readonly string[]
  readonly side: LaneSide
  /** 0 is nearest to the boxes. */
  readonly track: number
}

/** @param span over how many layers lines run between the boxes */
export const needsLane = (from: number, to: number, span: number) => to <= from || to - from > span

/**
 * Short lanes inside, long ones outside; lanes that overlap in height never share a track.
 * @param sideOf at which side of the boxes a net comes round sooner
 */
export function lanesOf(
  nets: readonly Net[],
  { rank, span }: Pick<Layers, 'rank' | 'span'>,
  sideOf: (net: Net, targets: readonly string[]) => LaneSide,
): Lane[] {
  const wanted = nets.flatMap((net) => {
    const from = rank.get(net.source)!
    const targets = net.targets.filter((target) => needsLane(from, rank.get(target)!, span))
    if (targets.length === 0) return []
    const ends = [from, ...targets.map((target) => rank.get(target)!)]
    return [{ net, targets, side: sideOf(net, targets), low: Math.min(...ends), high: Math.max(...ends) }]
  })
  wanted.sort((a, b) => a.high - a.low - (b.high - b.low))
  const taken: Record<LaneSide, { low: number; high: number }[][]> = { left: [], right: [] }
  return wanted.map(({ net, targets, side, low, high }) => {
    const tracks = taken[side]
    let track = tracks.findIndex((runs) => runs.every((run) => run.high <= low || run.low >= high))
    if (track < 0) track = tracks.push([]) - 1
    tracks[track]!.push({ low, high })
    return { net, targets, side, track }
  })
}
