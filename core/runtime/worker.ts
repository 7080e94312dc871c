import { problemOf } from '../api/problem.ts'
import { startGuard } from './guard.ts'
import type { Answer, Order } from './messages.ts'

/**
 * Entry of the runtime process: takes orders from the engine, one at a time, and answers them. It lives and dies with its parent.
 */

/** Electron's side of a utility process, or the port to the engine that arrives through it. */
interface Port {
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports?: readonly Port[] }) => void): void
  once(event: 'message', listener: (event: { readonly data: unknown; readonly ports?: readonly Port[] }) => void): void
  postMessage(message: unknown): void
  start?(): void
}

const progressEveryMs = 100

const parentPort = (process as { parentPort?: Port }).parentPort
let answer: (message: Answer) => void = (message) => process.send?.(message)

const guard = startGuard()

async function obey(order: Order): Promise<void> {
  if (order.type === 'limit-memory') return guard.limitMemory(order.bytes)
  const { id, program, request } = order
  try {
    // Loaded on the first order, so that a native library that does not load is an answer and not a silent death.
    const { runProgram } = await import('./programs/index.ts')
    await guard.ready
    answer({ type: 'done', id, result: await runProgram(program, request, progressOf(id)) })
  } catch (thrown) {
    answer({ type: 'failed', id, problem: problemOf(thrown) })
  }
}

/** Says how far a program is, but not more often than anyone can see. The end is always said. */
function progressOf(id: number): (done: number, of: number) => void {
  let last = 0
  return (done, of) => {
    const now = performance.now()
    if (done < of && now - last < progressEveryMs) return
    last = now
    answer({ type: 'progress', id, done, of })
  }
}

if (parentPort === undefined) {
  process.on('message', (order) => void obey(order as Order))
  process.on('disconnect', () => process.exit(0))
} else {
  // The shell makes this process and hands it a port to the engine; orders and answers do not pass through the shell.
  parentPort.once('message', ({ ports }) => converse(ports?.[0] as Port))
}

function converse(port: Port): void {
  answer = (message) => port.postMessage(message)
  port.on('message', ({ data }) => void obey(data as Order))
  port.start?.()
}
// Ctrl-C in a terminal reaches every process of the group; the engine decides when this one ends.
process.on('SIGINT', () => undefined)
