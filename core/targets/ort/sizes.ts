import { int } from '../../ir/attributes.ts'
import { float32Tensor } from '../../ir/numbers.ts'
import type { Dim, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/**
 * A size while the model runs, int64[1], read off the first input of the model that has it; `null` when none has, or inside of a subgraph.
 * There is one place to read it from, so that all who ask for a size share the operator.
 */
export function sizeOf(dim: Dim, draft: Draft): Value | null {
  if (draft.graph.parent !== null) return null
  for (const input of draft.graph.model.graph.inputs) {
    const axis = shapeOf(input)?.findIndex((own) => sameDim(own, dim)) ?? -1
    if (axis >= 0) return draft.op('Shape', [input], { start: int(axis), end: int(axis + 1) })
  }
  return null
}

/** Ones, float32[size, 1]; `null` as in `sizeOf`. */
export function columnOfOnes(dim: Dim, draft: Draft): Value | null {
  const size = sizeOf(dim, draft)
  if (size === null) return null
  const row = draft.op('ConstantOfShape', [size], { value: { type: 'tensor', value: float32Tensor([1], new Float32Array([1])) } })
  return draft.op('Unsqueeze', [row, draft.ints([1])])
}
