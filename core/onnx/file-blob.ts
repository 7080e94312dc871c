import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { type Problem, ProblemError } from '../api/problem.ts'
import type { Blob } from '../ir/tensor.ts'

/** A blob over a user's file. Every read checks that the file is still the one that was opened. */
export interface FileBlob extends Blob {
  readonly path: string
  /** Modification time in nanoseconds when it was opened. */
  readonly mtimeNs: bigint
}

/** Opens a file by ranges; nothing is read yet. Throws a `ProblemError` when there is no readable file at the path. */
export function fileBlob(path: string): FileBlob {
  const stat = attempt(path, () => statSync(path, { bigint: true }))
  if (!stat.isFile()) throw fileProblem('not-a-file', 'This is not a file', path, 'Name the .onnx file itself.')
  const resolved = attempt(path, () => realpathSync(path))
  const size = Number(stat.size)
  const blob = { id: `file:${resolved}`, path: resolved, size, mtimeNs: stat.mtimeNs }
  const readInto = (into: Uint8Array, from: number) => readRange(blob, from, into)
  return {
    ...blob,
    readInto,
    read(from, to) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, to - from))
      readInto(bytes, from)
      return bytes
    },
  }
}

interface Identity {
  readonly path: string
  readonly size: number
  readonly mtimeNs: bigint
}

function readRange(blob: Identity, from: number, into: Uint8Array): void {
  const to = from + into.length
  if (from < 0 || to > blob.size) {
    throw fileProblem(
      'outside-file',
      `Bytes ${from} to ${to} were asked for, the file has ${blob.size}`,
      blob.path,
      'Export or download it again.',
    )
  }
  attempt(blob.path, () => {
    const descriptor = openSync(blob.path, 'r')
    try {
      checkUnchanged(blob, descriptor)
      readFully(blob, descriptor, from, into)
    } finally {
      closeSync(descriptor)
    }
  })
}

function checkUnchanged(blob: Identity, descriptor: number): void {
  const now = fstatSync(descriptor, { bigint: true })
  if (Number(now.size) !== blob.size || now.mtimeNs !== blob.mtimeNs)
    throw fileProblem('file-changed', 'The file was changed while it was in use', blob.path, 'Open it again.')
}

function readFully(blob: Identity, descriptor: number, from: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(descriptor, into, done, Math.min(into.length - done, 1 << 30), from + done)
    if (count === 0) throw fileProblem('file-changed', 'The file became shorter while it was read', blob.path, 'Open it again.')
    done += count
  }
}

/** Runs file-system work; its errors become problems that name the file. */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asFileProblem(error, path)
  }
}

const mends: Readonly<Record<string, readonly [code: string, what: string, mend: string]>> = {
  ENOENT: ['missing-file', 'There is no such file', 'Check the path.'],
  ENOTDIR: ['missing-file', 'There is no such file', 'Check the path.'],
  EACCES: ['no-permission', 'The file may not be read or written', 'Check the permissions, or choose another place.'],
  EPERM: ['no-permission', 'The file may not be read or written', 'Check the permissions, or choose another place.'],
  EROFS: ['no-permission', 'The file system is read-only', 'Choose another place.'],
  ENOSPC: ['disk-full', 'The disk is full', 'Free some space, or choose another place.'],
  EISDIR: ['not-a-file', 'This is a folder', 'Name the file itself, or move the folder away.'],
  ELOOP: ['missing-file', 'The link leads in a circle', 'Check the path.'],
  ENAMETOOLONG: ['missing-file', 'The path is too long', 'Choose a shorter path.'],
}

/** An error of the file system as a problem; problems stay what they are. */
export function asFileProblem(error: unknown, path: string): Error {
  if (error instanceof ProblemError || !(error instanceof Error)) return error as Error
  const { code } = error as NodeJS.ErrnoException
  // What was aborted has a number here, and is no error of the file system.
  if (typeof code !== 'string') return error
  const [name, what, mend] = mends[code] ?? ['file-failed', `The file cannot be used: ${error.message}`, 'Check the file and its disk.']
  return fileProblem(name, what, path, mend)
}

export function fileProblem(code: string, what: string, file: string, mend: string): ProblemError {
  const problem: Problem = { kind: 'file', code, what, where: { file }, mend }
  return new ProblemError(problem)
}
