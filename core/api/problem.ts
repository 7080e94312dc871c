import { z } from 'zod'

/** Where something is wrong; as much of it as is known. */
export const placeSchema = z.object({
  file: z.string().optional(),
  /** Byte offset in the file. */
  offset: z.number().int().nonnegative().optional(),
  /** A node reference: its name, else `#<position>`, with `<owner>/<attribute>/` before it inside a subgraph. */
  node: z.string().optional(),
  /** Name of a tensor or value. */
  tensor: z.string().optional(),
  /** Stage id of a pipeline. */
  stage: z.string().optional(),
  /** Path into a JSON document: `stages[1].options.bits`. */
  path: z.string().optional(),
})
export type Place = z.infer<typeof placeSchema>

export const problemKinds = [
  'file', // cannot be read or written
  'format', // not the bytes that were expected
  'graph', // a model that breaks ONNX's rules
  'unsupported', // valid, but nothing here can handle it
  'input', // data, options or documents that do not fit
  'usage', // a command or option that does not exist
  'runtime', // the runtime refused, failed or died
  'verification', // a pass changed what it must not change
  'cancelled',
  'internal', // a bug of ours
] as const

export const problemSchema = z.object({
  kind: z.enum(problemKinds),
  /** Stable name for scripts, kebab-case: `missing-external-file`. */
  code: z.string(),
  /** What is wrong, a sentence. */
  what: z.string(),
  where: placeSchema,
  /** What to do about it, a sentence. */
  mend: z.string(),
  /** Raw message of the runtime, a stack: for "copy details". */
  details: z.string().optional(),
})
export type Problem = z.infer<typeof problemSchema>

/** A problem on its way to whoever shows it; the one error type that our own code throws at a user's mistake. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(sentenceOf(problem))
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** A problem in one line: what, where, and the mend. */
export function sentenceOf({ what, where, mend }: Problem): string {
  const places = Object.entries(where).map(([kind, place]) => `${kind} ${place}`)
  return `${what}${places.length === 0 ? '' : ` (${places.join(', ')})`}. ${mend}`
}

/** Any thrown thing as a problem: problems stay what they are, the rest is a bug of ours and says so. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    kind: 'internal',
    code: 'internal',
    what: `Lathe failed: ${error.message}`,
    where: {},
    mend: 'This is a bug; please report it with these details.',
    details: error.stack ?? error.message,
  }
}
