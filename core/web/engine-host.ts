import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineSettings, FromEngine, ToEngine } from './messages.ts'

/** One end of a conversation with the engine, held by a socket. */
export interface Conversation {
  send(data: string | Uint8Array): void
  close(): void
}

export interface Listener {
  onData(data: string | Uint8Array): void
  /** What was said is no request: the conversation is over. */
  onRefused(): void
  /** The engine's process ended; a fresh one is on its way. */
  onEnd(): void
}

/** Between attempts to start a process that ends before it is ready. */
const pauseMs = 1000

const bundledEngine = () => fileURLToPath(new URL('./web-engine.mjs', import.meta.url))

/** Keeps an engine process alive and passes on what sockets and engine say. A process that ends is replaced; its conversations end. */
export class EngineHost {
  readonly #settings: EngineSettings
  readonly #listeners = new Map<number, Listener>()
  #child: ChildProcess
  #ready: Promise<void>
  #next = 0
  #isReady = false
  #closed = false

  constructor(settings: EngineSettings) {
    this.#settings = settings
    ;[this.#child, this.#ready] = this.#start()
  }

  /** Process id of the engine, for tests and for those who look at the machine. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  async converse(listener: Listener): Promise<Conversation> {
    await this.#ready
    const channel = this.#next++
    this.#listeners.set(channel, listener)
    this.#tell({ type: 'open', channel })
    return {
      send: (data) => this.#tell({ type: 'data', channel, data }),
      close: () => {
        if (this.#listeners.delete(channel)) this.#tell({ type: 'close', channel })
      },
    }
  }

  /** Ends the process; resolves when it is gone. */
  close(): Promise<void> {
    this.#closed = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
      child.once('exit', () => {
        clearTimeout(impatience)
        resolve()
      })
      if (child.connected) child.disconnect()
    })
  }

  #tell(message: ToEngine): void {
    // A process that is gone hears nothing; its end is told by `exit`.
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  #start(): [ChildProcess, Promise<void>] {
    const child = fork(bundledEngine(), [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#isReady = false
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromEngine) => {
        if (message.type === 'ready') {
          this.#isReady = true
          resolve()
        } else if (message.type === 'close') {
          this.#listeners.get(message.channel)?.onRefused()
          this.#listeners.delete(message.channel)
        } else this.#listeners.get(message.channel)?.onData(message.data)
      })
      let over = false
      const end = (error: Error) => {
        if (!over) this.#ended(child)
        over = true
        reject(error)
      }
      child.once('exit', (code, signal) => end(new Error(`The engine process ended with ${signal ?? code}`)))
      // Where the system makes no process there is no exit either.
      child.on('error', end)
    })
    // Whoever waits for it hears of it; nobody waiting is no error.
    ready.catch(() => undefined)
    child.send({ type: 'settings', settings: this.#settings } satisfies ToEngine)
    return [child, ready]
  }

  #restart(): void {
    if (!this.#closed) [this.#child, this.#ready] = this.#start()
  }

  #ended(child: ChildProcess): void {
    if (child !== this.#child) return
    const listeners = [...this.#listeners.values()]
    this.#listeners.clear()
    if (this.#isReady) this.#restart()
    else setTimeout(() => this.#restart(), pauseMs).unref()
    for (const { onEnd } of listeners) onEnd()
  }
}
