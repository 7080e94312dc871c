import { type Problem, ProblemError } from '../../core/api/problem.ts'
import { problemIn } from '../engine.ts'
import { readJson } from '../pipeline-view/read-json.ts'

/** The document in a file with a pipeline. @throws ProblemError when it is no JSON, with the line and column of the fault */
export function documentIn(name: string, text: string): unknown {
  const read = readJson(text)
  if ('value' in read) return read.value
  throw new ProblemError({
    kind: 'input',
    code: 'malformed-json',
    what: `${name} is no JSON: ${read.what}, at ${read.where}`,
    where: { file: name },
    mend: 'Mend the file at that place, or save the pipeline anew from Lathe, and drop it again.',
  })
}

/** The problem of a document, with the name of the file that it came from. */
export function problemOfFile(name: string, thrown: unknown): Problem {
  const problem = problemIn(thrown)
  return problem.where.file === undefined ? { ...problem, where: { file: name, ...problem.where } } : problem
}
