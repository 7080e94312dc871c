import { ProblemError } from '../api/problem.ts'
import type { InputSpec } from './columns.ts'

/** Names that exporters give to an axis along which inputs may be short or long. */
const lengthLike = /seq|len|time|token|step|frame|sample/i
/** Axes of caches follow from the others. */
const derived = /past|total|cache|\+/i

/**
 * The symbol of the inputs' shapes that a sweep over lengths changes: the only symbolic axis besides the samples, or the only one whose name
 * speaks of a length.
 * @throws ProblemError `no-sequence` when there is none, or when it is not clear which
 */
export function sequenceSymbol(inputs: readonly InputSpec[], file: string): string {
  const symbols = lengthSymbols(inputs)
  const telling = symbols.filter((symbol) => lengthLike.test(symbol))
  const [only, ...others] = telling.length > 0 ? telling : symbols
  if (only !== undefined && others.length === 0) return only
  if (only === undefined)
    throw noSequence(
      'The inputs have no symbolic axis whose length could be changed',
      file,
      'Export the model with a symbolic length, or time it without.',
    )
  throw noSequence(
    `The inputs have several symbolic axes: ${symbols.join(', ')}`,
    file,
    `Name the one that is meant: --sequence ${only}=16,32.`,
  )
}

/** Symbols of the inputs' axes besides the samples' and those that follow from others. */
export function lengthSymbols(inputs: readonly InputSpec[]): string[] {
  const samples = new Set(inputs.flatMap(({ shape }) => shape?.slice(0, 1) ?? []))
  const symbols = inputs.flatMap(({ shape }) => shape?.slice(1) ?? [])
  return [...new Set(symbols.filter((dim): dim is string => typeof dim === 'string' && !samples.has(dim) && !derived.test(dim)))]
}

const noSequence = (what: string, file: string, mend: string) =>
  new ProblemError({ kind: 'input', code: 'no-sequence', what, where: { file }, mend })
