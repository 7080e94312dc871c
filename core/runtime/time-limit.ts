import { ProblemError } from '../api/problem.ts'

/** The environment variable that says how many seconds one run of a model may take. */
export const timeLimitVariable = 'LATHE_TIME_LIMIT'

/** Seconds; a loop that never ends is more likely than a model that takes longer. */
const usualLimit = 600

/**
 * Milliseconds that one run of a model may take: `LATHE_TIME_LIMIT` in seconds, else ten minutes.
 * @throws ProblemError of kind `usage` when the variable is no number above 0
 */
export function timeLimit(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = env[timeLimitVariable]
  if (!given) return 1000 * usualLimit
  const seconds = Number(given)
  // Timers take no more than 2^31 - 1 milliseconds.
  if (seconds > 0) return Math.min(Math.ceil(1000 * seconds), 2 ** 31 - 1)
  throw new ProblemError({
    kind: 'usage',
    code: 'bad-time-limit',
    what: `${timeLimitVariable} is "${given}"`,
    where: {},
    mend: 'Give the seconds that one run of a model may take, a number above 0.',
  })
}
