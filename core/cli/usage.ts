import { type Problem, ProblemError } from '../api/problem.ts'

/** Wrong usage: ends with status 2. `what` and `mend` are sentences. */
export function usageError(code: string, what: string, mend: string): ProblemError {
  const problem: Problem = { kind: 'usage', code, what, where: {}, mend }
  return new ProblemError(problem)
}
