import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import type { BlobId } from '../ir/tensor.ts'
import { Believed } from './believed.ts'
import { noCache } from './cache-folder.ts'
import { diskBlob } from './disk-blob.ts'
import { tryLock, waitForLock } from './lock.ts'
import { makeFolder } from './make-folder.ts'
import { fromText, toText } from './plain.ts'
import { pruneFiles } from './prune.ts'
import { makeScratch, partName, removeStaleScratch } from './scratch.ts'
import { hashOf, holds, seal, unseal } from './seal.ts'
import type { MemoKey, MemoOptions, Store } from './store.ts'

/** Raised when files of this store change their form: older ones are then no longer found. */
const format = 1

/**
 * Opens or makes a store.
 *
 * Files are written whole under another name and then renamed: whoever is killed leaves no half result under a final name. Nothing waits
 * for the disk (no fsync): after a power failure a file may be there without its content. So results carry their hash, blobs are looked at
 * once before they are believed, and what lost its content counts as absent.
 * @param root folder of the store, made when it is missing. Throws the problem `no-cache` when it cannot be made or written to.
 * @param maxBytes what blobs and results may take; looked after at most once a day, when the store is opened
 */
export async function openStore(root: string, maxBytes = 20 * 2 ** 30): Promise<Store> {
  const folders = {
    blobs: join(root, 'blobs'),
    results: join(root, `results-${format}`),
    parts: join(root, 'parts'),
    scratch: join(root, 'scratch'),
  }
  try {
    for (const folder of Object.values(folders)) {
      await makeFolder(folder, 0o700)
      await access(folder, constants.W_OK | constants.X_OK)
    }
  } catch (error) {
    throw noCache(root, error as Error)
  }
  await Promise.all([removeStaleScratch(folders.parts), removeStaleScratch(folders.scratch)])
  // Only here, where this process uses nothing yet: what is in use is not known later.
  if (await isDue(join(root, 'pruned'))) await pruneFiles([folders.blobs, folders.results], maxBytes)
  const believed = new Believed()
  const pathOf = (id: BlobId) => join(folders.blobs, ...shelf(hashIn(id)))
  const memo = createMemo(folders.results, folders.parts)

  return {
    root,
    pathOf,
    memo,
    async put(bytes) {
      const { hash, size, part } = await writePart(folders.parts, bytes instanceof Uint8Array ? [bytes] : bytes)
      const id = `sha256:${hash}`
      const path = pathOf(id)
      if (believed.has(path, size) && (await sizeOf(path)) === size) {
        await rm(part, { force: true })
        await touch(path)
      } else await publish(part, path)
      believed.add(path, size)
      return diskBlob(id, path, size)
    },
    async blob(id) {
      const path = pathOf(id)
      const size = await sizeOf(path)
      if (size === null || !(believed.has(path, size) || (await holds(path, hashIn(id))))) return null
      believed.add(path, size)
      await touch(path)
      return diskBlob(id, path, size)
    },
    scratch: (label) => makeScratch(folders.scratch, label),
  }
}

const dayMs = 24 * 60 * 60 * 1000

/** Whether a day has passed since this was last asked with the answer yes. The mark is set before the work, so that others need not do it too. */
async function isDue(mark: string): Promise<boolean> {
  const last = await stat(mark).catch(() => null)
  if (last !== null && Date.now() - last.mtimeMs < dayMs) return false
  await writeFile(mark, '')
  return true
}

/** Hashes bytes while they go to a file of their own. */
async function writePart(
  folder: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<{ hash: string; size: number; part: string }> {
  const part = join(folder, partName())
  const hash = createHash('sha256')
  let size = 0
  try {
    const file = await open(part, 'wx', 0o600)
    try {
      for await (const piece of pieces) {
        hash.update(piece)
        size += piece.length
        await writeAll(file, piece)
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(part, { force: true })
    throw writeFailure(error, part)
  }
  return { hash: hash.digest('hex'), size, part }
}

/** One call writes at most 2 GiB. */
const largestWrite = 2 ** 30

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, Math.min(bytes.length - done, largestWrite))).bytesWritten
  }
}

async function publish(part: string, path: string): Promise<void> {
  await makeFolder(dirname(path), 0o700)
  await rename(part, path)
}

function createMemo(results: string, parts: string) {
  const running = new Map<string, Promise<unknown>>()

  const remember = async <T>(path: string, make: () => Promise<T>): Promise<T> => {
    const value = await make()
    const { part } = await writePart(parts, [new TextEncoder().encode(seal(toText(value)))])
    await publish(part, path)
    return value
  }
  /** Makes the result under the lock; another process may have made it before the lock was ours. */
  const makeOnce = async <T>(path: string, make: () => Promise<T>, { fresh, valid }: MemoOptions<T>): Promise<Found<T>> => {
    await makeFolder(dirname(path), 0o700)
    for (;;) {
      const lock = await tryLock(`${path}.lock`)
      try {
        const known = fresh ? null : await recall<T>(path, valid)
        if (known !== null) return { value: known.value, cached: true }
        if (lock !== null) return { value: await remember(path, make), cached: false }
      } finally {
        await lock?.release()
      }
      await waitForLock(`${path}.lock`)
    }
  }

  return async <T>(key: MemoKey, make: () => Promise<T>, options: MemoOptions<T> = {}): Promise<Found<T>> => {
    const path = join(results, ...shelf(hashOf(toText(key, true)), '.json'))
    for (let other = running.get(path); other !== undefined; other = running.get(path)) {
      // Whoever made it before us may have been cancelled or failed: that is his news, not ours.
      const done = await other.then(
        () => true,
        () => false,
      )
      const known = done && !options.fresh ? await recall<T>(path, options.valid) : null
      if (known !== null) return { value: known.value, cached: true }
    }
    const work = makeOnce(path, make, options)
    running.set(path, work)
    try {
      return await work
    } finally {
      running.delete(path)
    }
  }
}

interface Found<T> {
  readonly value: T
  readonly cached: boolean
}

/** What is remembered; `null` when there is nothing, or it is not whole, or no longer valid. */
async function recall<T>(path: string, valid: MemoOptions<T>['valid']): Promise<{ readonly value: T } | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  const kept = text === null ? null : unseal(text)
  if (kept === null) return null
  try {
    const value = fromText(kept) as T
    if (valid !== undefined && !(await valid(value))) return null
    await touch(path)
    return { value }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Two levels, so that no folder holds more entries than a file system likes. */
const shelf = (hash: string, ending = ''): [string, string] => [hash.slice(0, 2), `${hash}${ending}`]

function hashIn(id: BlobId): string {
  const hash = /^sha256:([0-9a-f]{64})$/.exec(id)?.[1]
  if (hash === undefined) throw new TypeError(`'${id}' is no blob of the store`)
  return hash
}

const sizeOf = async (path: string): Promise<number | null> =>
  (await stat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error))))?.size ?? null

/** Marks a file as used now. Someone may remove it at the same moment: whoever needs it will see. */
async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)))
}

function writeFailure(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EROFS' && code !== 'EACCES') return error
  return new ProblemError({
    kind: 'file',
    code: 'store-not-writable',
    what: code === 'ENOSPC' || code === 'EDQUOT' ? 'The disk of the cache is full' : 'The cache cannot be written',
    where: { file },
    mend: 'Make room, or set LATHE_CACHE to a folder on another disk.',
    details: (error as Error).message,
  })
}
