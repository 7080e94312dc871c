import { type Place, type Problem, ProblemError } from '../api/problem.ts'

/** What a reader says when the bytes are sound but the model breaks a rule of ONNX. */
export const graphProblem = (code: string, what: string, where: Place, mend: string): ProblemError =>
  new ProblemError({ kind: 'graph', code, what, where, mend })

/** What a reader says when the bytes are not what the format asks for. */
export const formatProblem = (code: string, what: string, where: Place, mend: string): ProblemError =>
  new ProblemError({ kind: 'format', code, what, where, mend })

/** What a reader says of a valid model that nothing here can handle. */
export const unsupportedProblem = (code: string, what: string, where: Place, mend: string): ProblemError =>
  new ProblemError({ kind: 'unsupported', code, what, where, mend })

/** The same problem with the file named, unless it names one. */
export function inFile(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof ProblemError) || file === undefined || error.problem.where.file !== undefined) return error
  const problem: Problem = { ...error.problem, where: { file, ...error.problem.where } }
  return new ProblemError(problem)
}

export const exportAgain = 'Export the model again; this file breaks the rules of ONNX.'
