import type { GraphView } from '../../core/api/graph-view.ts'
import type { FromLayout, ToLayout } from './layout-messages.ts'
import type { Scene } from './scene.ts'

/** The layout worker as a function: a graph is sent once, each drawing is asked for by what is open. */
class Layouter {
  readonly #worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
  readonly #known = new Set<string>()
  readonly #waiting = new Map<number, { resolve: (scene: Scene) => void; reject: (error: Error) => void }>()
  #next = 0

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromLayout>) => {
      this.#waiting.get(data.id)?.resolve(data.scene)
      this.#waiting.delete(data.id)
    })
    this.#worker.addEventListener('error', ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The layout failed: ${message}`))
      this.#waiting.clear()
    })
  }

  draw(key: string, view: GraphView, open: ReadonlySet<string>): Promise<Scene> {
    if (!this.#known.has(key)) this.#say({ type: 'graph', key, view })
    this.#known.add(key)
    const id = this.#next++
    this.#say({ type: 'layout', id, key, open: [...open] })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  forget(): void {
    this.#known.clear()
    this.#say({ type: 'forget' })
  }

  #say(message: ToLayout): void {
    this.#worker.postMessage(message)
  }
}

let layouter: Layouter | null = null

export const drawScene = (key: string, view: GraphView, open: ReadonlySet<string>): Promise<Scene> => {
  layouter ??= new Layouter()
  return layouter.draw(key, view, open)
}

/** Graphs of a closed model. */
export const forgetScenes = (): void => layouter?.forget()
