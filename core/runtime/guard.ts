import { Worker } from 'node:worker_threads'
import { memoryLimitMark } from './messages.ts'

export interface Guard {
  /** Resolves when the watch has begun. */
  readonly ready: Promise<void>
  /** Ends the process when its resident size passes `bytes`. */
  limitMemory(bytes: number): void
}

const periodMs = 200

/**
 * Watches this process from a thread of its own, because a run of the runtime blocks the main thread: ends the process when its parent is
 * gone (no orphan computes on) or when it takes more memory than it may (before the system starts to kill others).
 */
export function startGuard(): Guard {
  const thread = new Worker(`(${watch.toString()})()`, { eval: true, workerData: { periodMs, memoryLimitMark, parent: process.ppid } })
  thread.unref()
  return {
    ready: new Promise((resolve) => thread.once('online', () => resolve())),
    limitMemory: (bytes) => thread.postMessage(bytes),
  }
}

/** Runs in the thread as text: it can reach nothing of this module. */
function watch(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { writeSync } = process.getBuiltinModule('node:fs')
  let limit = Number.POSITIVE_INFINITY
  parentPort?.on('message', (bytes: number) => {
    limit = bytes
  })
  const parentIsGone = () => {
    if (process.ppid !== workerData.parent) return true
    try {
      process.kill(workerData.parent, 0)
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH'
    }
  }
  setInterval(() => {
    const resident = process.memoryUsage.rss()
    if (resident > limit) writeSync(2, `\n${workerData.memoryLimitMark} ${resident}\n`)
    if (resident > limit || parentIsGone()) process.kill(process.pid, 'SIGKILL')
  }, workerData.periodMs)
}
