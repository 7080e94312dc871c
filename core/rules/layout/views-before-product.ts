import type { Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { reshapeTarget, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

export const viewsBeforeProduct = rule({
  id: 'views-before-product',
  summary:
    'Leading axes of size 1 can leave before a sum or product as well as after it: constants lose them ahead, and views of the other value meet.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op(['Reshape', 'Squeeze'], [op(['Mul', 'Add'], [any('a'), any('b')], 'inner'), maybe(any())]),
  rewrite({ a, b, inner }, draft) {
    const [from, to] = [inner.outputs[0] as Value, draft.root.outputs[0] as Value].map(shapeOf)
    const dropped = from != null && to != null ? from.length - to.length : 0
    const onlyOnes = dropped > 0 && from?.slice(0, dropped).every((dim) => dim === 1) && sameShape(from?.slice(dropped) ?? null, to ?? null)
    if (!onlyOnes || to == null) return reject('the view does more than drop leading axes of size 1', draft.root)
    const long = [a, b].filter((value) => (shapeOf(value)?.length ?? 0) > to.length && value.constant === null)
    if (long.length > 1) return reject('both values would need a view', inner)
    const inputs = [a, b].map((value) => shortened(value, to.length, draft))
    return inputs.includes(null) ? reject('a shape is not known', inner) : draft.op(inner.opType, inputs)
  },
})

/** A value of at most `rank` axes: leading ones, which are of size 1, are dropped. */
function shortened(value: Value, rank: number, draft: Draft): Value | null {
  const shape = shapeOf(value)
  if (shape === null || shape.length <= rank) return shape === null ? null : value
  const target = reshapeTarget(shape, shape.slice(shape.length - rank))
  return target === null ? null : draft.op('Reshape', [value, draft.ints(target, 'shape')])
}
