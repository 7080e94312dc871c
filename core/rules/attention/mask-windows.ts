import { int } from '../../ir/attributes.ts'
import type { Dim, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'
import { mergesLeading } from './merged-batches.ts'

/**
 * Attention within shifted windows (Swin) adds to the scores [batch * windows, heads, length, keys] a mask of each window, for which it takes
 * batch and windows apart. The mask is repeated for the pictures of the batch instead, which is little next to the scores.
 */
export const maskWindows = rule({
  id: 'mask-windows',
  summary: 'A mask of each window is repeated for the batch, so that scores keep their axes.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Reshape', [op('Add', [op('Reshape', [any('scores'), any()], 'apart'), any('mask')]), any()], 'back'),
  rewrite({ scores, apart, mask, back }, draft) {
    const [own, split, to, masks] = [scores, apart.outputs[0] as Value, back.outputs[0] as Value, mask].map(shapeOf)
    if (own?.length !== 4 || !sameShape(own, to ?? null)) return reject('the axes after it are not known to be those before it', back)
    const windows = split?.[1]
    if (split?.length !== 5 || typeof windows !== 'number' || !mergesLeading(split, own))
      return reject('the view is not known to take a number of windows from the batch', apart)
    if (masks?.length !== 5 || masks[0] !== 1 || masks[1] !== windows) return reject('the mask is not one of each window', mask)
    const kept = masks.slice(2)
    if (kept.some((dim) => typeof dim !== 'number')) return reject('the size of the mask is not known', mask)
    const whole = draft.op('Expand', [mask, repeats(split[0] ?? null, { scores, windows, draft })])
    return draft.op('Add', [scores, draft.op('Reshape', [whole, draft.ints([-1, ...(kept as number[])])])])
  },
})

interface Windows {
  readonly scores: Value
  readonly windows: number
  readonly draft: Draft
}

/** [batch, 1, 1, 1, 1]. */
function repeats(batch: Dim, { scores, windows, draft }: Windows): Value {
  if (typeof batch === 'number') return draft.ints([batch, 1, 1, 1, 1])
  const sizes = draft.op('Shape', [sizedAs(scores)])
  const all = draft.op('Slice', [sizes, draft.ints([0]), draft.ints([1])])
  return draft.op('Concat', [draft.op('Div', [all, draft.ints([windows])]), draft.ints([1, 1, 1, 1])], { axis: int(0) })
}

/** A value with as many windows that is there before the scores are: what reads these in between would keep them from becoming part of an operator. */
function sizedAs(scores: Value): Value {
  const node = scores.producer
  const before = node?.inputs.find((input) => input !== null && sameDim(shapeOf(input)?.[0] ?? null, shapeOf(scores)?.[0] ?? null))
  if (node === null || before == null || !['Add', 'Mul', 'Div', 'MatMul'].includes(node.opType)) return scores
  return node.opType === 'MatMul' ? before : sizedAs(before)
}
