import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RuntimePort, SpawnRuntime } from '../engine.ts'

/** How much of a dead process's error stream is kept for the problem that tells of it. */
const keptStderr = 8192

/** The bundle that stands beside this one. */
const bundledWorker = () => fileURLToPath(new URL('./runtime-worker.mjs', import.meta.url))

/**
 * Makes runtime processes out of this Node: what the command line and the web host hand to the engine.
 * @param worker path of the bundled entry of the runtime process
 */
export function runtimeSpawner(worker: string = bundledWorker()): SpawnRuntime {
  return async () => portOf(await started(worker))
}

function started(worker: string): Promise<ChildProcess> {
  // Structured clone instead of JSON: tensors pass as typed arrays. Debugger flags of this process would clash in the next.
  const child = fork(worker, [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child))
    child.once('error', reject)
  })
}

function portOf(child: ChildProcess): RuntimePort {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderr)
  })
  child.on('error', (error) => {
    stderr = `${stderr}${error.message}\n`
  })
  return {
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    post(message) {
      // A process that is gone cannot be written to; its exit tells the caller, with more to say than this error has.
      if (child.connected) child.send(message as object, () => undefined)
    },
    onMessage(listener) {
      child.on('message', listener)
    },
    onExit(listener) {
      // `close` follows `exit` once the error stream has been read to its end.
      child.once('close', (code, signal) => listener({ code, signal, stderr }))
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}
