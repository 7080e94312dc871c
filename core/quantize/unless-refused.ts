import { type Problem, ProblemError, sentenceOf } from '../api/problem.ts'

/** What came of a look at a model on samples, or why the runtime does not even load the model: an operator of a library that is not here. */
export type Looked<T> = { readonly found: T } | { readonly refused: string }

/**
 * For what samples only make better: who asked for no more than the best that can be had gets that. A run that fails on samples (which do not
 * fit, or make no numbers) stays a problem.
 */
export async function unlessRefused<T>(look: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { found: await look() }
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'model-refused') return { refused: reasonOf(error.problem) }
    throw error
  }
}

/** Without the place of a file that is gone when this is read. */
const reasonOf = ({ where: { file: _, ...where }, ...problem }: Problem): string => sentenceOf({ ...problem, where })
