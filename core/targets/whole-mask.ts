import { int } from '../ir/attributes.ts'
import type { Value } from '../ir/value.ts'
import type { Draft } from '../rewrite/draft.ts'
import { sameDim } from '../shapes/dim.ts'
import { shapeOf } from '../shapes/shape-facts.ts'

/**
 * A mask with every query written out, [batch or 1, heads or 1, queries, keys]: onnxruntime's attention kernels broadcast over batch and heads,
 * and not over queries (the standard operator's kernel included). `null` when the shape is not known.
 * What was drafted to stand for the mask has no shape yet: it is given as `by`.
 */
export function wholeMask(mask: Value, query: Value, draft: Draft, by = mask): Value | null {
  const [shape, length] = [shapeOf(mask), shapeOf(query)?.[1] ?? null]
  if (shape === null || shape.length > 4) return null
  const missing = Array.from({ length: 4 - shape.length }, (_, i) => i)
  const four = missing.length === 0 ? by : draft.op('Unsqueeze', [by, draft.ints(missing)])
  const queries = shape.length < 2 ? 1 : (shape.at(-2) ?? null)
  // A number of rows with a name of its own may turn out to be 1.
  const isWhole = queries !== 1 && (typeof queries !== 'string' || length === null || sameDim(queries, length))
  if (isWhole || length === 1) return four
  const rows = typeof length === 'number' ? draft.ints([length]) : draft.op('Shape', [query], { start: int(1), end: int(2) })
  return draft.op('Expand', [four, draft.op('Concat', [draft.ints([1, 1]), rows, draft.ints([1])], { axis: int(0) })])
}
