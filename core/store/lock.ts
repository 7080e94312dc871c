import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Locks between processes, to spare work that another is doing. They are advisory: results are written atomically, so a lock that is lost
 * or taken over costs time, never correctness.
 */

const beatMs = 5000
/** A live owner can be busy without a beat for a while; a process id that was given to someone else never beats. */
const staleMs = 10 * 60 * 1000
const pollMs = { first: 10, most: 250 }

export interface Lock {
  release(): Promise<void>
}

/** The lock of `path`, or `null` when another process holds it. Takes over the lock of an owner that is gone. */
export async function tryLock(path: string): Promise<Lock | null> {
  const mine = JSON.stringify({ host: hostname(), pid: process.pid })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx' })
      return held(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (!(await isStale(path))) return null
      await rm(path, { force: true })
    }
  }
  return null
}

function held(path: string): Lock {
  const beat = setInterval(() => {
    const now = new Date()
    // The lock may have been taken over meanwhile, or its folder removed: then there is nothing to keep alive.
    utimes(path, now, now).catch(() => clearInterval(beat))
  }, beatMs)
  beat.unref()
  return {
    async release() {
      clearInterval(beat)
      await rm(path, { force: true })
    },
  }
}

/** Waits until nobody alive holds the lock. */
export async function waitForLock(path: string): Promise<void> {
  for (let pause = pollMs.first; !(await isStale(path)); pause = Math.min(pause * 2, pollMs.most)) await wait(pause)
}

/** Gone, or left by an owner that is gone. */
async function isStale(path: string): Promise<boolean> {
  const [text, file] = await Promise.all([readFile(path, 'utf8').catch(gone), stat(path).catch(gone)])
  if (text === null || file === null) return true
  const age = Date.now() - file.mtimeMs
  if (age > staleMs) return true
  const owner = ownerIn(text)
  // Between its creation and its first bytes a lock is empty.
  if (owner === null) return age > beatMs
  return owner.host === hostname() && !isAlive(owner.pid)
}

function ownerIn(text: string): { host: string; pid: number } | null {
  try {
    return JSON.parse(text) as { host: string; pid: number }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Whether a process runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const gone = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null
  throw error
}
