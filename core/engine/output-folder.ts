import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ProblemError } from '../api/problem.ts'
import { makeFolder } from '../store/make-folder.ts'

/** What could not be written, and where the user asked for it. */
export interface Wanted {
  readonly what: string
  readonly file: string
}

/** Makes the folder that something is written to. Throws the problem `no-folder`. */
export async function outputFolder(folder: string, wanted: Wanted): Promise<void> {
  try {
    await makeFolder(folder)
  } catch (error) {
    throw noFolder(wanted, error as Error)
  }
}

/**
 * Throws the problem `no-folder` when a folder can not be made or written to, as far as can be told without making it: before hours of work,
 * not after them.
 */
export async function checkFolder(folder: string, wanted: Wanted): Promise<void> {
  try {
    const nearest = await nearestThere(resolve(folder))
    if (!(await stat(nearest)).isDirectory()) throw new Error(`${nearest} is not a folder`)
    await access(nearest, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw noFolder(wanted, error as Error)
  }
}

/** The path, or the nearest one above it that exists. */
async function nearestThere(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(path) === path) throw error
    return nearestThere(dirname(path))
  }
}

function noFolder({ what, file }: Wanted, error: Error): ProblemError {
  return new ProblemError({
    kind: 'file',
    code: 'no-folder',
    what,
    where: { file },
    mend: 'Choose another place, or check its permissions.',
    details: error.message,
  })
}
