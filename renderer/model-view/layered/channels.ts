import { gaps, type Net } from './types.ts'

/** A horizontal stretch of a net in the channel under a layer. */
export interface Stretch {
  readonly net: Net
  readonly kind: 'trunk' | 'lane'
  readonly xs: number[]
}

/** The space between two layers, where lines run across. Channel -1 lies above the first layer. */
export class Channel {
  readonly stretches = new Map<string, Stretch>()
  private readonly tracks = new Map<string, number>()
  private trackCount = 0

  add(net: Net, kind: Stretch['kind'], xs: readonly number[]): void {
    const key = `${kind}|${net.value}`
    const known = this.stretches.get(key)
    if (known) known.xs.push(...xs)
    else this.stretches.set(key, { net, kind, xs: [...xs] })
  }

  /** Gives every stretch that runs across a track of its own where stretches overlap. */
  settle(): void {
    const across = [...this.stretches].map(([key, { xs }]) => ({ key, low: Math.min(...xs), high: Math.max(...xs) }))
    const ends: number[] = []
    for (const { key, low, high } of across.filter((run) => run.high - run.low > 0.5).sort((a, b) => a.low - b.low)) {
      let track = ends.findIndex((end) => end + 6 < low)
      if (track < 0) track = ends.push(high) - 1
      else ends[track] = high
      this.tracks.set(key, track)
    }
    this.trackCount = ends.length
  }

  get height(): number {
    return this.stretches.size === 0 ? gaps.channel / 2 : gaps.channel + Math.max(0, this.trackCount - 1) * gaps.track
  }

  /** Distance of a stretch from the top of the channel. */
  trackOf(net: Net, kind: Stretch['kind']): number {
    const track = this.tracks.get(`${kind}|${net.value}`)
    return track === undefined ? this.height / 2 : gaps.channel / 2 - 1 + track * gaps.track
  }

  runsAcross(net: Net, kind: Stretch['kind']): boolean {
    return this.tracks.has(`${kind}|${net.value}`)
  }
}
