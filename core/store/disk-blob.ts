import { closeSync, openSync, readSync } from 'node:fs'
import { ProblemError } from '../api/problem.ts'
import type { Blob, BlobId } from '../ir/tensor.ts'

/** Node reads at most 2 GiB at a time. */
const largestRead = 2 ** 30

/** A stored file as a blob; opened for each read, so that thousands of blobs hold no file handles. */
export function diskBlob(id: BlobId, path: string, size: number): Blob {
  return { id, size, path, read: (from, to) => readRange(path, from, to) }
}

function readRange(path: string, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from)
  if (bytes.length === 0) return bytes
  const file = openSync(path, 'r')
  try {
    let done = 0
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, Math.min(bytes.length - done, largestRead), from + done)
      if (read === 0) throw endsEarly(path, from + done)
      done += read
    }
    return bytes
  } finally {
    closeSync(file)
  }
}

const endsEarly = (file: string, offset: number): ProblemError =>
  new ProblemError({
    kind: 'file',
    code: 'blob-ends-early',
    what: 'A stored file is shorter than it was when it was written',
    where: { file, offset },
    mend: 'Delete it and run again; what it held is made anew.',
  })
