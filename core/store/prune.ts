import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

interface Kept {
  readonly path: string
  readonly size: number
  readonly usedMs: number
}

/** What another process may just have been given stays, whatever the limit. */
const graceMs = 10 * 60 * 1000

/**
 * Removes the files used longest ago until those left take at most `maxBytes`. The time of last use is the file's modification time,
 * which the store sets at every hit (access times are switched off on many systems).
 */
export async function pruneFiles(folders: readonly string[], maxBytes: number): Promise<void> {
  const files = (await Promise.all(folders.map(filesUnder))).flat().sort((a, b) => a.usedMs - b.usedMs)
  let total = files.reduce((sum, { size }) => sum + size, 0)
  const young = Date.now() - graceMs
  for (const { path, size, usedMs } of files) {
    if (total <= maxBytes || usedMs > young) break
    await rm(path, { force: true })
    total -= size
  }
}

async function filesUnder(folder: string): Promise<Kept[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const kept: Kept[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    // Another process may remove it in between.
    const file = await stat(path).catch(() => null)
    if (file !== null) kept.push({ path, size: file.size, usedMs: file.mtimeMs })
  }
  return kept
}
