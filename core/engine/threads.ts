import { availableParallelism, cpus } from 'node:os'
import { ProblemError } from '../api/problem.ts'

/** Threads when nobody says: what the process may use, which hyper-threads double on most machines. */
export function defaultThreads(): number {
  return Math.max(1, availableParallelism())
}

/** More threads than this for every logical core only wait for each other; tens of thousands keep the runtime from ever starting. */
const mostPerCore = 4

/**
 * The intra-op threads that were asked for, or the usual number.
 * @throws ProblemError of kind `usage` for more than four times the logical cores
 */
export function chosenThreads(asked?: number): number {
  if (asked === undefined) return defaultThreads()
  const cores = Math.max(1, cpus().length)
  if (asked <= mostPerCore * cores) return asked
  throw new ProblemError({
    kind: 'usage',
    code: 'too-many-threads',
    what: `${asked} threads are asked for, and this machine has ${cores} logical core${cores === 1 ? '' : 's'}`,
    where: {},
    mend: `Ask for at most ${mostPerCore * cores}; more threads than cores make nothing faster.`,
  })
}
