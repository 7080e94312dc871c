import type { Viewport } from '@xyflow/react'
import type { Scene } from './scene.ts'

export type Side = 'left' | 'right'

interface Member {
  readonly scene: Scene
  moveTo(viewport: Viewport): void
  viewport(): Viewport
}

/** Two drawings side by side: what is done to one is done to the other, with corresponding parts kept level. */
export class ViewLink {
  readonly #members = new Map<Side, Member>()
  readonly #watchers = new Set<() => void>()
  linked = true
  /** Height on one side to the height on the other. */
  levels: Readonly<Record<Side, (y: number) => number>> = { left: (y) => y, right: (y) => y }

  join(side: Side, member: Member): () => void {
    this.#members.set(side, member)
    this.#tell()
    return () => {
      if (this.#members.get(side) === member) this.#members.delete(side)
    }
  }

  member(side: Side): Member | undefined {
    return this.#members.get(side)
  }

  /** Hears of every movement. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  moved(side: Side, viewport: Viewport, byHand: boolean): void {
    if (byHand && this.linked) this.#follow(side, viewport)
    this.#tell()
  }

  /** Moves one drawing, and the other with it where they are linked. */
  lead(side: Side, viewport: Viewport): void {
    this.#members.get(side)?.moveTo(viewport)
    this.moved(side, viewport, true)
  }

  #follow(side: Side, { x, y, zoom }: Viewport): void {
    const [here, there] = [this.#members.get(side), this.#members.get(side === 'left' ? 'right' : 'left')]
    if (!here || !there) return
    const middle = 300
    const at = (middle - y) / zoom
    const shift = (there.scene.width - here.scene.width) / 2
    there.moveTo({ x: x - shift * zoom, y: middle - this.levels[side](at) * zoom, zoom })
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher()
  }
}
