import { lstatSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ProblemError } from '../api/problem.ts'

/** What a page may have read and written: files, and folders with everything below them. Absolute paths. */
export interface Grants {
  readonly read: readonly string[]
  readonly write: readonly string[]
}

/**
 * Decides which files of this machine a page may name. A path is taken only when it lies in a granted place both as it is written and
 * with its symbolic links resolved. Nothing is asked of the file system about a path that is refused as it is written.
 */
export class Reach {
  readonly #grants: Grants

  constructor(grants: Grants) {
    this.#grants = grants
  }

  /** The path to open instead of `path`. @throws ProblemError `path-not-allowed` */
  reading(path: string): string {
    const found = within(this.#grants.read, path)
    if (found !== null) return found
    throw notAllowed(
      path,
      `'${path}' is not among the files that this page may read`,
      'Drop the file into the window, or start Lathe with its folder: lathe ui --web FOLDER.',
    )
  }

  /** The path to write instead of `path`. @throws ProblemError `path-not-allowed` */
  writing(path: string): string {
    const found = within(this.#grants.write, path)
    if (found !== null) return found
    throw notAllowed(
      path,
      `'${path}' is not in a folder that this page may write to`,
      'Export to the browser, which saves the file; or start Lathe with the folder: lathe ui --web FOLDER.',
    )
  }

  reads(path: string): boolean {
    return within(this.#grants.read, path) !== null
  }
}

/** The resolved path when it lies in one of the places, else `null`. */
function within(places: readonly string[], path: string): string | null {
  if (path.includes('\0') || !isAbsolute(path)) return null
  // What is opened is what was checked: no `..` is left for the file system, which would follow a link before it.
  const full = resolve(path)
  const roots = [...places, ...places.flatMap((place) => realOf(place) ?? [])]
  if (!roots.some((root) => holds(root, full))) return null
  const real = realOf(full)
  return real !== null && roots.some((root) => holds(root, real)) ? full : null
}

function holds(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** The path without symbolic links; of a file that is yet to be made, its folder's. `null` where a link leads nowhere. */
function realOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || isThere(path) || dirname(path) === path) return null
    const folder = realOf(dirname(path))
    return folder === null ? null : join(folder, relative(dirname(path), path))
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

const notAllowed = (path: string, what: string, mend: string): ProblemError =>
  new ProblemError({ kind: 'file', code: 'path-not-allowed', what, where: { file: path }, mend })
