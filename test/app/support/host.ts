import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './root.ts'

export interface TestHost {
  readonly url: string
  /** Process ids below the host: the engine, and below that the runtime. */
  readonly engine: () => number | null
  readonly runtime: () => number | null
  close(): Promise<void>
}

/** Walks that kill processes find them through the process table of Linux. */
export const knowsProcesses = existsSync(`/proc/${process.pid}/task/${process.pid}/children`)

/** The real program, as a user starts it, with a store of its own. */
export async function startHost(...more: readonly string[]): Promise<TestHost> {
  const store = mkdtempSync(join(tmpdir(), 'lathe-walk-'))
  const child = spawn(process.execPath, [join(root, 'bin', 'lathe.mjs'), 'ui', '--web', '--no-open', ...more], {
    env: { ...process.env, LATHE_CACHE: store },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await urlFrom(child)
  const engine = () => childrenOf(child.pid!)[0] ?? null
  return {
    url,
    engine,
    runtime: () => childrenOf(engine() ?? 0)[0] ?? null,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await ended
      rmSync(store, { recursive: true, force: true })
    },
  }
}

function urlFrom(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const url = /http:\/\/\S+/.exec(text)?.[0]
      if (url) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`The host ended with ${code}: ${text}`)))
  })
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch (error) {
    // A process that has just ended has no children.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH') return []
    throw error
  }
}
