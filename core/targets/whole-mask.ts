import { int } from '../ir/attributes.ts'
import type { Value } from '../ir/value.ts'
import type { Draft } from '../rewrite/draft.ts'
import { shapeOf } from '../shapes/shape-facts.ts'

/**
 * A mask with every query written out, [batch or 1, heads or 1, queries, keys]: onnxruntime's attention kernels broadcast over batch and heads,
 * and not over queries (the standard operator's kernel included). For attention of a sequence to itself. `null` when the shape is not known.
 */
export function wholeMask(mask: Value, draft: Draft): Value | null {
  const shape = shapeOf(mask)
  if (shape === null || shape.length > 4) return null
  const missing = Array.from({ length: 4 - shape.length }, (_, i) => i)
  const four = missing.length === 0 ? mask : draft.op('Unsqueeze', [mask, draft.ints(missing)])
  const [queries = 1, keys = 1] = shape.length < 2 ? [1, shape[0]] : shape.slice(-2)
  if (queries !== 1 || keys === 1) return four
  const rows = draft.op('Shape', [mask], { start: int(shape.length - 1), end: int(shape.length) })
  return draft.op('Expand', [four, draft.op('Concat', [draft.ints([1, 1]), rows, draft.ints([1])], { axis: int(0) })])
}
