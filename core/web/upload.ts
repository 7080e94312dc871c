import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, rmdir, statfs } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ProblemError } from '../api/problem.ts'
import { byteText } from '../api/quantity.ts'

/** What stays free on the disk, for the engine to work with. */
const reserve = 256 * 2 ** 20

/** Bytes of a file name that every file system takes, with room for the name while it is being written. */
const longestName = 200

export interface UploadPlace {
  /** Folder of all uploads. */
  readonly folder: string
  readonly name: string
  /** Files that belong together (a data set, external weights) name the same upload; a fresh one without it. */
  readonly upload: string | null
  /** Most bytes of one file; what the disk has room for unless given. */
  readonly limit?: number
}

/**
 * Takes in one uploaded file. It appears under its name when it is complete; one that breaks off leaves nothing behind.
 * @throws ProblemError for a name that is no plain file name, and for a file that there is no room for
 */
export async function receiveUpload(
  request: IncomingMessage,
  place: UploadPlace,
): Promise<{ readonly upload: string; readonly path: string }> {
  const name = plainName(place.name)
  const id = place.upload !== null && /^[0-9a-f-]{36}$/.test(place.upload) ? place.upload : randomUUID()
  const limit = place.limit ?? (await roomIn(place.folder))
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(name, limit)
  const folder = join(place.folder, id)
  await mkdir(folder, { recursive: true })
  const part = join(folder, `.${randomUUID()}.part`)
  const path = join(folder, name)
  try {
    await pipeline(request, atMost(limit, name), createWriteStream(part))
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    await rmdir(folder).catch(() => undefined) // others of the same upload may lie there already
    throw error
  }
  return { upload: id, path }
}

async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.max(0, bavail * bsize - reserve)
}

function atMost(limit: number, name: string): Transform {
  let taken = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      taken += chunk.length
      if (taken > limit) done(tooLarge(name, limit))
      else done(null, chunk)
    },
  })
}

function plainName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const plain = name !== '' && name !== '.' && name !== '..' && !/[/\\:\u0000-\u001f]/.test(name)
  if (plain && Buffer.byteLength(name) <= longestName) return name
  throw new ProblemError({
    kind: 'input',
    code: 'bad-file-name',
    what: plain ? `The file name is longer than ${longestName} bytes` : 'The name of the uploaded file is no plain file name',
    where: { file: name.slice(0, longestName) },
    mend: 'Rename the file, and open it again.',
  })
}

const tooLarge = (name: string, limit: number): ProblemError =>
  new ProblemError({
    kind: 'file',
    code: 'no-room',
    what: `There is room for ${byteText(limit)}, and the file is larger`,
    where: { file: name },
    mend: 'Make room on the disk; or start Lathe with the file, which is then read where it lies: lathe ui --web FILE.',
  })
