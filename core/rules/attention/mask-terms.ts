import type { Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { dtypeOf, rankOf } from '../../shapes/shape-facts.ts'

/** What stands between the scores of attention and their Softmax, inner step first. */
export interface MaskSteps {
  readonly product: { readonly outputs: readonly Value[] }
  readonly term1?: Value
  readonly open1?: Value
  readonly closed1?: Value
  readonly fill1?: number
  readonly term2?: Value
  readonly open2?: Value
  readonly closed2?: Value
  readonly fill2?: number
}

/** A score that is replaced by less than this weighs nothing, as one that this is added to: both are 0 after Softmax. */
const closedFor = -1e3

/**
 * One mask to be added to the scores, from what is added to them and what replaces some of them; `null` when nothing does, a sentence when it
 * cannot be said as a sum.
 */
export function composed(steps: MaskSteps, draft: Draft): Value | null | string {
  const type = dtypeOf(steps.product.outputs[0] as Value) ?? 'float32'
  let mask: Value | null = null
  for (const { term, open, closed, fill } of inOrder(steps)) {
    if ([term, open, closed].some((part) => part !== undefined && !broadcasts(part))) return 'the mask has more axes than the scores'
    if (term !== undefined) mask = mask === null ? term : draft.op('Add', [mask, term])
    if (fill === undefined) continue
    if (!(fill <= closedFor)) return `scores are replaced by ${fill}, which still weighs something`
    const [rest, filled]: [Value, Value] = [mask ?? draft.scalar(0, type), draft.scalar(fill, type)]
    if (open !== undefined) mask = draft.op('Where', [open, rest, filled])
    if (closed !== undefined) mask = draft.op('Where', [closed, filled, rest])
  }
  return mask
}

const inOrder = (steps: MaskSteps) => [
  { term: steps.term1, open: steps.open1, closed: steps.closed1, fill: steps.fill1 },
  { term: steps.term2, open: steps.open2, closed: steps.closed2, fill: steps.fill2 },
]

/** Whether a part of a mask can broadcast to [batch, heads, length, keys]. */
const broadcasts = (mask: Value): boolean => (rankOf(mask) ?? 5) <= 4
