import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { Model } from '../ir/model.ts'
import type { Store } from '../store/store.ts'

/** Larger files are hashed in a thread of their own, beside other work. */
const worthAThread = 32e6

/** sha256 of the one file of a model, or over those of all its files; computed once for each state of the files. */
export async function contentHash(model: Model, store: Store): Promise<string> {
  const hashes = await Promise.all((model.opened?.files ?? []).map(({ path }) => rememberedHash(path, store)))
  const [only, ...more] = hashes
  if (only !== undefined && more.length === 0) return `sha256:${only}`
  return `sha256:${createHash('sha256').update(hashes.join('\n')).digest('hex')}`
}

/** Size, times and inode stand for the content of a file that was hashed before. */
async function rememberedHash(path: string, store: Store): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true })
  const key = { kind: 'file-hash', path, state: [size, mtimeNs, ctimeNs, ino].map(String) }
  return (await store.memo(key, () => hashFile(path))).value
}

/** sha256 of a file, in hexadecimal digits. */
export async function hashFile(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > worthAThread) return hashInThread(path)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

/** Plain JavaScript, so that the thread needs no file of its own beside the bundle. */
const thread = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const hash = createHash('sha256')
const buffer = Buffer.allocUnsafe(1 << 22)
const file = openSync(workerData, 'r')
for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count))
closeSync(file)
parentPort.postMessage(hash.digest('hex'))
`

function hashInThread(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(thread, { eval: true, workerData: path })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
