import { RPCHandler } from '@orpc/server/message-port'
import type { ParentPort } from 'electron'
import { createRouter } from '../core/engine/router.ts'
import { AskedRuntimes, createEngine } from '../core/engine.ts'
import { fileHost } from '../core/web/file-host.ts'
import type { ToEngine } from './messages.ts'

/** Entry of the engine's utility process: the contract over the ports that the shell hands in. */
const shell = (process as unknown as { parentPort: ParentPort }).parentPort
const runtimes = new AskedRuntimes((wish) => shell.postMessage(wish))

shell.once('message', ({ data }) => {
  const { store, samples, version } = data as Extract<ToEngine, { type: 'settings' }>
  const engine = createEngine({ store, version, spawnRuntime: runtimes.spawn })
  // Windows of the desktop open in place what was chosen in a native dialog: nothing is uploaded and nothing confined.
  const handler = new RPCHandler(createRouter(engine, fileHost({ store, samples })))
  shell.on('message', ({ data: message, ports: [port] }) => {
    const said = message as Exclude<ToEngine, { type: 'settings' }>
    if (said.type !== 'window') return runtimes.hear(said, port)
    if (port === undefined) return
    handler.upgrade(port as unknown as Parameters<typeof handler.upgrade>[0])
    port.start()
  })
})
