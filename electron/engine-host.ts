import { join } from 'node:path'
import type { MessagePortMain, UtilityProcess } from 'electron'
import type { Calls, Places } from './calls.ts'
import type { FromEngine, ToEngine } from './messages.ts'

/** An engine that ends at once is not started again in the same breath. */
const pauseMs = 1000
/** How much of a dead process's error stream is kept. */
const keptStderr = 8192

/**
 * Keeps one engine process alive, and makes the runtime processes that it asks for. The main process itself computes nothing:
 * it makes processes and hands out ports.
 */
export class EngineHost {
  readonly #electron: Calls
  readonly #places: Places
  readonly #runtimes = new Map<number, UtilityProcess>()
  #engine: UtilityProcess
  #startedAt = 0
  #closed = false

  constructor(electron: Calls, places: Places) {
    this.#electron = electron
    this.#places = places
    this.#engine = this.#start()
  }

  get pid(): number | undefined {
    return this.#engine.pid
  }

  /** A port to the engine for a window; it closes when the engine ends, and the window asks again. */
  connect(): MessagePortMain {
    const { port1, port2 } = new this.#electron.MessageChannelMain()
    this.#tell({ type: 'window' }, [port1])
    return port2
  }

  close(): void {
    this.#closed = true
    this.#engine.kill()
    for (const runtime of this.#runtimes.values()) runtime.kill()
  }

  #tell(message: ToEngine, ports: MessagePortMain[] = []): void {
    this.#engine.postMessage(message, ports)
  }

  #start(): UtilityProcess {
    const { store, samples, version, bundles } = this.#places
    this.#startedAt = performance.now()
    const engine = this.#electron.utilityProcess.fork(join(bundles, 'electron-engine.mjs'), [], { serviceName: 'Lathe engine' })
    engine.on('message', (message: FromEngine) => this.#obey(message))
    engine.once('exit', () => this.#ended(engine))
    engine.postMessage({ type: 'settings', store, samples, version } satisfies ToEngine)
    return engine
  }

  #ended(engine: UtilityProcess): void {
    for (const runtime of this.#runtimes.values()) runtime.kill()
    this.#runtimes.clear()
    if (engine !== this.#engine) return
    const early = performance.now() - this.#startedAt < pauseMs
    setTimeout(() => this.#replace(), early ? pauseMs : 0)
  }

  #replace(): void {
    if (!this.#closed) this.#engine = this.#start()
  }

  #obey(message: FromEngine): void {
    if (message.type === 'kill-runtime') this.#runtimes.get(message.id)?.kill()
    else this.#spawnRuntime(message.id)
  }

  #spawnRuntime(id: number): void {
    const child = this.#electron.utilityProcess.fork(join(this.#places.bundles, 'runtime-worker.mjs'), [], {
      serviceName: 'Lathe runtime',
      stdio: 'pipe',
    })
    this.#runtimes.set(id, child)
    let stderr = ''
    child.stderr?.on('data', (text: Buffer) => {
      stderr = (stderr + text.toString()).slice(-keptStderr)
    })
    const { port1, port2 } = new this.#electron.MessageChannelMain()
    child.once('spawn', () => {
      child.postMessage({ type: 'port' }, [port2])
      this.#tell({ type: 'runtime', id }, [port1])
    })
    child.once('exit', (code) => {
      if (this.#runtimes.delete(id)) this.#tell({ type: 'runtime-exit', id, code, stderr })
    })
  }
}
