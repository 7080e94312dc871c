import { stat } from 'node:fs/promises'
import { openSession, type Session } from './ort.ts'
import type { SessionSpec } from './session.ts'

export interface SessionCache {
  /** The session of a spec; loaded when it is not at hand or its file has changed. */
  get(spec: SessionSpec): Promise<Session>
  clear(): Promise<void>
}

interface Entry {
  readonly session: Session
  /** How far loading raised the resident size. */
  readonly bytes: number
}

/** Keeps the sessions used last: at most `count`, and at most `bytes` of resident growth beside the newest. */
export function createSessionCache({ count, bytes }: { readonly count: number; readonly bytes: number }): SessionCache {
  const entries = new Map<string, Entry>()

  const evict = async (): Promise<void> => {
    for (const [key, entry] of entries) {
      const total = [...entries.values()].reduce((sum, each) => sum + each.bytes, 0)
      if (entries.size <= 1 || (entries.size <= count && total <= bytes)) return
      entries.delete(key)
      await entry.session.release()
    }
  }

  return {
    async get(spec) {
      const key = await keyOf(spec)
      const known = entries.get(key)
      if (known !== undefined) {
        entries.delete(key)
        entries.set(key, known)
        return known.session
      }
      const before = process.memoryUsage.rss()
      const session = await openSession(spec)
      entries.set(key, { session, bytes: Math.max(0, process.memoryUsage.rss() - before) })
      await evict()
      return session
    },
    async clear() {
      const all = [...entries.values()]
      entries.clear()
      for (const { session } of all) await session.release()
    },
  }
}

/** A file that is gone has no stamp; loading it then says so. */
async function keyOf(spec: SessionSpec): Promise<string> {
  const file = await stat(spec.model).catch(() => null)
  const config = Object.entries(spec.config ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([
    spec.model,
    spec.provider,
    spec.threads,
    spec.level,
    config,
    spec.expose ?? [],
    file?.size,
    file?.mtimeMs,
    file?.ino,
  ])
}
