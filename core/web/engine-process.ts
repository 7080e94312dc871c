import { RPCHandler } from '@orpc/server/message-port'
import { runtimeSpawner } from '../cli/spawn-runtime.ts'
import { createRouter } from '../engine/router.ts'
import { createEngine } from '../engine.ts'
import { confinedEngine } from './confined-engine.ts'
import type { EngineSettings, FromEngine, ToEngine } from './messages.ts'
import { pageHost } from './page-host.ts'
import { Reach } from './reach.ts'

/**
 * Entry of the engine's process in the web host: the contract over the channels that the host opens. When the host goes, it goes.
 */
function serve(settings: EngineSettings): void {
  const engine = createEngine({ store: settings.store, version: settings.version, spawnRuntime: runtimeSpawner() })
  const { samples, uploads, exports, given } = settings
  const reach = new Reach({ read: [samples, uploads, exports, ...given], write: [exports, ...given] })
  const handler = new RPCHandler(createRouter(confinedEngine(engine, reach), pageHost(settings, reach)))
  const channels = new Map<number, Channel>()
  process.on('message', (message: ToEngine) => {
    if (message.type === 'open') {
      const channel = new Channel(message.channel)
      channels.set(message.channel, channel)
      handler.upgrade(channel)
    } else if (message.type === 'data') channels.get(message.channel)?.receive(message.data)
    else if (message.type === 'close') {
      channels.get(message.channel)?.end()
      channels.delete(message.channel)
    }
  })
  process.once('disconnect', () => void engine.close().finally(() => process.exit(0)))
  tell({ type: 'ready' })
}

/** A host that is gone hears nothing; `disconnect` tells that it went. */
const tell = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

/** One socket of the host as a message port. */
class Channel extends EventTarget {
  readonly #id: number

  constructor(id: number) {
    super()
    this.#id = id
  }

  postMessage(data: string | Uint8Array): void {
    tell({ type: 'data', channel: this.#id, data })
  }

  receive(data: string | Uint8Array): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  end(): void {
    this.dispatchEvent(new Event('close'))
  }
}

// Ctrl-C in a terminal reaches every process of the group; the host decides when this one ends.
process.on('SIGINT', () => undefined)
process.once('message', (message: ToEngine) => {
  if (message.type === 'settings') serve(message.settings)
})
