import { open } from 'node:fs/promises'
import { ProblemError } from '../api/problem.ts'

/** Reads exactly the bytes [from, to) of a file. */
export async function readRange(path: string, from: number, to: number): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array(to - from)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done)
      if (bytesRead === 0) throw truncated(path, to)
      done += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

const chunkBytes = 1 << 20

/** The bytes [from, to) of a file, in chunks. */
export async function* readChunks(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += chunkBytes) yield await readRange(path, at, Math.min(to, at + chunkBytes))
}

const truncated = (file: string, end: number) =>
  new ProblemError({
    kind: 'file',
    code: 'truncated-file',
    what: `The file ends before byte ${end}`,
    where: { file },
    mend: 'It changed after it was opened: run again.',
  })
