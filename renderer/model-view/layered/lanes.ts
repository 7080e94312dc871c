import { longestInnerSpan, type Net } from './types.ts'

/** A run outside the boxes, from the channel under `from` to the channel over `to` (layers; upwards for an edge against the order). */
export interface Lane {
  readonly net: Net
  readonly targets: readonly string[]
  /** 0 is nearest to the boxes. */
  readonly track: number
}

export const needsLane = (from: number, to: number) => to <= from || to - from > longestInnerSpan

/** Short lanes inside, long ones outside; lanes that overlap in height never share a track. */
export function lanesOf(nets: readonly Net[], rank: ReadonlyMap<string, number>): Lane[] {
  const wanted = nets.flatMap((net) => {
    const from = rank.get(net.source)!
    const targets = net.targets.filter((target) => needsLane(from, rank.get(target)!))
    if (targets.length === 0) return []
    const ends = [from, ...targets.map((target) => rank.get(target)!)]
    return [{ net, targets, low: Math.min(...ends), high: Math.max(...ends) }]
  })
  wanted.sort((a, b) => a.high - a.low - (b.high - b.low))
  const taken: { low: number; high: number }[][] = []
  return wanted.map(({ net, targets, low, high }) => {
    let track = taken.findIndex((runs) => runs.every((run) => run.high <= low || run.low >= high))
    if (track < 0) track = taken.push([]) - 1
    taken[track]!.push({ low, high })
    return { net, targets, track }
  })
}
