import type { RuntimePort, SpawnRuntime } from './session.ts'

/** One end of a message channel, as hosts with ports of their own have it. */
export interface ChannelPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  postMessage(message: unknown): void
  start(): void
}

/** What an engine that may not make processes asks of its host, and what the host answers. Ports travel beside the answers. */
export type RuntimeWish = { readonly type: 'spawn-runtime'; readonly id: number } | { readonly type: 'kill-runtime'; readonly id: number }
export type RuntimeNews =
  | { readonly type: 'runtime'; readonly id: number }
  | { readonly type: 'runtime-exit'; readonly id: number; readonly code: number; readonly stderr: string }

type Exit = Parameters<Parameters<RuntimePort['onExit']>[0]>[0]

interface Asked {
  readonly resolve: (port: RuntimePort) => void
  readonly reject: (error: Error) => void
  readonly exits: ((exit: Exit) => void)[]
}

/** Runtime processes by asking: for hosts that make the processes themselves and hand over a port to each. */
export class AskedRuntimes {
  readonly #ask: (wish: RuntimeWish) => void
  readonly #known = new Map<number, Asked>()
  #next = 0

  constructor(ask: (wish: RuntimeWish) => void) {
    this.#ask = ask
  }

  readonly spawn: SpawnRuntime = () => {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#known.set(id, { resolve, reject, exits: [] })
      this.#ask({ type: 'spawn-runtime', id })
    })
  }

  /** What the host says of a process; with `port` when it has just been made. */
  hear(news: RuntimeNews, port?: ChannelPort): void {
    const known = this.#known.get(news.id)
    if (news.type === 'runtime' && port !== undefined) {
      known?.resolve(this.#portOf(news.id, port))
      port.start()
    } else if (news.type === 'runtime-exit') {
      this.#known.delete(news.id)
      // Of no effect where the process had begun.
      known?.reject(new Error(`it ended with code ${news.code} before it began: ${news.stderr.trim()}`))
      for (const tell of known?.exits ?? []) tell({ code: news.code, signal: null, stderr: news.stderr })
    }
  }

  #portOf(id: number, port: ChannelPort): RuntimePort {
    return {
      post: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data)),
      onExit: (listener) => void this.#known.get(id)?.exits.push(listener),
      kill: () => this.#ask({ type: 'kill-runtime', id }),
    }
  }
}
