import { join, sep } from 'node:path'
import { type Place, type Problem, ProblemError, problemOf } from '../api/problem.ts'

/** What is known of a piece of work that failed. */
export interface Ended {
  /** Folder of the store. */
  readonly store: string
  readonly signal?: AbortSignal | undefined
}

/**
 * An error as it leaves the engine: what was stopped says so, whatever broke when it stopped, and nobody is sent to files of our own that are
 * gone by then. Those keep standing in the details.
 */
export function told(error: unknown, { store, signal }: Ended): unknown {
  if (signal?.aborted === true) return stopped(error)
  return error instanceof ProblemError ? new ProblemError(toldProblem(error.problem, store)) : error
}

/** A problem without the names of files and nodes of our own. @param store folder of the store */
export function toldProblem(problem: Problem, store: string): Problem {
  const { file, ...where } = problem.where
  if (file === undefined || !file.startsWith(join(store, 'scratch') + sep)) return problem
  const details = [problem.details, file].filter((part) => part !== undefined).join('\n')
  return { ...problem, where: withoutMadeUpNames(where), details }
}

/** Kernels and nodes without a name are given one in files of our own. */
function withoutMadeUpNames({ node, ...where }: Place): Place {
  if (node === undefined || /^k\d+$/.test(node)) return where
  const position = /^unnamed_(\d+)$/.exec(node)?.[1]
  return { ...where, node: position === undefined ? node : `#${position}` }
}

function stopped(error: unknown): ProblemError {
  if (error instanceof ProblemError && error.problem.kind === 'cancelled') return error
  const { what } = problemOf(error)
  return new ProblemError({
    kind: 'cancelled',
    code: 'cancelled',
    what: 'The work was cancelled',
    where: {},
    mend: 'Nothing was kept of what was not finished.',
    details: what,
  })
}
