import { dirname, join } from 'node:path'
import { RPCHandler, type ServerWebSocket } from '@orpc/server/bun-ws'
import { manifestName } from '../api/dataset.ts'
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
  // Who gives a model means it with the data that lie beside it.
  const beside = given.filter((place) => /\.(onnx|tflite)$/i.test(place)).map((model) => join(dirname(model), manifestName))
  const reach = new Reach({ read: [samples, uploads, exports, ...given, ...beside], write: [uploads, exports, ...given] })
  const handler = new RPCHandler(createRouter(confinedEngine(engine, reach), pageHost(settings, reach)))
  const channels = new Map<number, ServerWebSocket>()
  const end = (id: number): void => {
    const channel = channels.get(id)
    if (channel && channels.delete(id)) handler.close(channel)
  }
  const hear = async (id: number, data: string | Uint8Array): Promise<void> => {
    const channel = channels.get(id)
    if (!channel) return
    try {
      await handler.message(channel, data)
    } catch {
      // Bytes that are no request: whoever sends them is not our page, or not of this version.
      end(id)
      tell({ type: 'close', channel: id })
    }
  }
  process.on('message', (message: ToEngine) => {
    if (message.type === 'open') channels.set(message.channel, channelOf(message.channel))
    else if (message.type === 'data') void hear(message.channel, message.data)
    else if (message.type === 'close') end(message.channel)
  })
  process.once('disconnect', () => void engine.close().finally(() => process.exit(0)))
  tell({ type: 'ready' })
}

/** One socket of the host. The adapter is that for sockets of any make: it says when it cannot read a message. */
const channelOf = (channel: number): ServerWebSocket => ({
  send(data) {
    tell({ type: 'data', channel, data: typeof data === 'string' || data instanceof Uint8Array ? data : new Uint8Array(data) })
    return 0
  },
})

/** A host that is gone hears nothing; `disconnect` tells that it went. */
const tell = (message: FromEngine): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

// Ctrl-C in a terminal reaches every process of the group; the host decides when this one ends.
process.on('SIGINT', () => undefined)
process.once('message', (message: ToEngine) => {
  if (message.type === 'settings') serve(message.settings)
})
