import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { AskedRuntimes, type RuntimeWish } from '../../../core/runtime/asked-runtimes.ts'

/** The host's side: a port as Electron's main process hands it in. */
class HostPort extends EventEmitter {
  readonly said: unknown[] = []
  started = false
  postMessage = (message: unknown): void => void this.said.push(message)
  start = (): void => {
    this.started = true
  }
}

it('a process is asked for, spoken with over its port, killed by asking, and its end is told', async () => {
  const wishes: RuntimeWish[] = []
  const runtimes = new AskedRuntimes((wish) => wishes.push(wish))
  const spawning = runtimes.spawn()
  const port = new HostPort()
  runtimes.hear({ type: 'runtime', id: 0 }, port)
  const runtime = await spawning
  expect(port.started).toBe(true)

  const heard: unknown[] = []
  runtime.onMessage((message) => heard.push(message))
  port.emit('message', { data: 'answer' })
  runtime.post('order')
  expect([heard, port.said]).toEqual([['answer'], ['order']])

  const exits: unknown[] = []
  runtime.onExit((exit) => exits.push(exit))
  runtime.kill()
  runtimes.hear({ type: 'runtime-exit', id: 0, code: 137, stderr: 'killed' })
  expect(wishes).toEqual([
    { type: 'spawn-runtime', id: 0 },
    { type: 'kill-runtime', id: 0 },
  ])
  expect(exits).toEqual([{ code: 137, signal: null, stderr: 'killed' }])
})

it('a process that ends before it begins is told as such, and not waited for', async () => {
  const runtimes = new AskedRuntimes(() => undefined)
  const spawning = runtimes.spawn()
  runtimes.hear({ type: 'runtime-exit', id: 0, code: 1, stderr: 'no such bundle\n' })
  await expect(spawning).rejects.toThrow('it ended with code 1 before it began: no such bundle')
})
