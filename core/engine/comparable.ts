import { ProblemError } from '../api/problem.ts'
import type { Value } from '../ir/value.ts'
import type { Found } from './workshop.ts'

/**
 * Two models can be compared when the samples of the first feed the second, and some output has the same name in both.
 * @throws ProblemError `not-comparable`, which names the first input that has no counterpart
 */
export function requireComparable(baseline: Found, candidate: Found): void {
  const file = candidate.source.path
  const given = baseline.model.graph.inputs
  for (const input of candidate.model.graph.inputs) {
    if (input.constant !== null) continue
    const found = given.find(({ name }) => name === input.name)
    const names = given.map(({ name }) => name).join(', ') || 'none'
    if (found === undefined) throw notComparable(file, input, `which the first does not have; its inputs are ${names}`)
    if (!agrees(found, input)) throw notComparable(file, input, `as ${text(input)}, which is ${text(found)} in the first`)
  }
  const outputs = new Set(baseline.model.graph.outputs.map(({ name }) => name))
  const [output] = candidate.model.graph.outputs
  if (output !== undefined && !candidate.model.graph.outputs.some(({ name }) => outputs.has(name)))
    throw new ProblemError({
      kind: 'input',
      code: 'not-comparable',
      what: `The two models have no output of the same name: the first gives ${[...outputs].join(', ')}, the second ${candidate.model.graph.outputs.map(({ name }) => name).join(', ')}`,
      where: { file, tensor: output.name },
      mend: 'Compare two models that were made from the same one, or give the outputs the same names.',
    })
}

function notComparable(file: string, { name }: Value, why: string): ProblemError {
  return new ProblemError({
    kind: 'input',
    code: 'not-comparable',
    what: `The two models take different inputs: the second wants '${name}', ${why}`,
    where: { file, tensor: name },
    mend: 'Compare two models that take the same samples.',
  })
}

/** The same element type, and no fixed sizes that differ. */
function agrees({ type: a }: Value, { type: b }: Value): boolean {
  if (a?.kind !== 'tensor' || b?.kind !== 'tensor') return true
  if (a.dtype !== b.dtype) return false
  if (a.shape === null || b.shape === null) return true
  return a.shape.length === b.shape.length && a.shape.every((size, axis) => sizesAgree(size, b.shape?.[axis]))
}

const sizesAgree = (a: unknown, b: unknown): boolean => typeof a !== 'number' || typeof b !== 'number' || a === b

function text({ type }: Value): string {
  if (type?.kind !== 'tensor') return 'no tensor'
  return `${type.dtype}[${type.shape === null ? '...' : type.shape.map((size) => size ?? '?').join(', ')}]`
}
