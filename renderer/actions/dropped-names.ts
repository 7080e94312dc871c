import { type Problem, ProblemError } from '../../core/api/problem.ts'
import { problemIn } from '../engine.ts'

/** Where the host keeps each dropped file, by the name that it was dropped under. */
export type StoredPaths = ReadonlyMap<string, string>

/** Codes of files that another file names. */
const missing: ReadonlySet<string> = new Set(['missing-file', 'missing-external-file'])

/** A problem of dropped files, told by the names that they were dropped under: the copy that the host keeps is nothing one could mend. */
export function byDroppedName({ what, where, mend, ...rest }: Problem, paths: StoredPaths): Problem {
  const folders = [...paths].flatMap(([name, path]) => (path.endsWith(name) ? [path.slice(0, -name.length)] : [])).filter(Boolean)
  const short = (text: string) => folders.reduce((left, folder) => left.replaceAll(folder, ''), text)
  const { file, ...place } = where
  // What lies beside a file on the user's disk was not dropped with it.
  const mended = missing.has(rest.code) ? 'Drop both together: what was dropped before is looked at by itself.' : short(mend)
  return { ...rest, what: short(what), mend: mended, where: { ...(file === undefined ? {} : { file: short(file) }), ...place } }
}

/** @throws ProblemError what the call throws, told by the names of the dropped files */
export async function namedAsDropped<T>(paths: StoredPaths, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new ProblemError(byDroppedName(problemIn(error), paths))
  }
}
