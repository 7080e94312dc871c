import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lengthOf, type Piece } from './encode.ts'
import { asFileProblem } from './file-blob.ts'

/** Bytes that are copied at a time: what writing a model of any size needs of memory. */
const chunkSize = 1 << 22

export interface WriteControl {
  readonly signal?: AbortSignal
  /** Bytes written so far, of all. */
  readonly onProgress?: (done: number, of: number) => void
}

/** A file that takes its name only when it is complete: until `publish` it lies beside it under another one. */
export interface PendingFile {
  readonly path: string
  publish(): Promise<void>
  discard(): Promise<void>
}

let written = 0

/** Writes pieces to a temporary file beside `path`. On failure or abort nothing is left behind. */
export async function writePending(path: string, pieces: Iterable<Piece>, control: WriteControl = {}): Promise<PendingFile> {
  written += 1
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${written}.part`)
  const discard = () => rm(temporary, { force: true })
  try {
    const handle = await open(temporary, 'wx')
    try {
      await writePieces(handle, pieces, control)
    } finally {
      await handle.close()
    }
  } catch (error) {
    await discard()
    throw asFileProblem(error, path)
  }
  return { path, discard, publish: () => rename(temporary, path).catch((error) => Promise.reject(asFileProblem(error, path))) }
}

/** While one buffer is written the other is filled, so that reading and writing a large file overlap. */
async function writePieces(handle: FileHandle, pieces: Iterable<Piece>, { signal, onProgress }: WriteControl): Promise<void> {
  const all = [...pieces]
  const total = all.reduce((sum, piece) => sum + lengthOf(piece), 0)
  const size = Math.min(chunkSize, Math.max(total, 1))
  const buffer = () => Buffer.allocUnsafeSlow(size)
  let filling = buffer()
  let resting = total > size ? buffer() : filling
  let filled = 0
  let done = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await writing
    signal?.throwIfAborted()
    const bytes = filling.subarray(0, filled)
    writing = writeFully(handle, bytes).then(() => {
      done += bytes.byteLength
      onProgress?.(done, total)
    })
    // A failure is thrown by the next await; until then it must not count as unhandled.
    writing.catch(() => undefined)
    const next = resting
    resting = filling
    filling = next
    filled = 0
  }
  try {
    for (const piece of all) {
      const length = lengthOf(piece)
      for (let at = 0; at < length; ) {
        const count = Math.min(length - at, size - filled)
        copyInto(filling.subarray(filled, filled + count), piece, at)
        filled += count
        at += count
        if (filled === size) await flush()
      }
    }
    await flush()
  } finally {
    // The file is closed by the caller: not under a write that is still under way.
    await writing
  }
}

/** Weights in a file go straight into the buffer. */
function copyInto(target: Uint8Array, piece: Piece, at: number): void {
  if (piece instanceof Uint8Array) target.set(piece.subarray(at, at + target.length))
  else if (piece.blob.readInto === undefined) target.set(piece.blob.read(piece.from + at, piece.from + at + target.length))
  else piece.blob.readInto(target, piece.from + at)
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at)
    at += bytesWritten
  }
}
