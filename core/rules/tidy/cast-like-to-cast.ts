import { int } from '../../ir/attributes.ts'
import { onnxCode } from '../../ir/dtype.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

export const castLikeToCast = rule({
  id: 'cast-like-to-cast',
  summary: 'CastLike with a known type is a Cast, and needs its second input no more.',
  fidelity: 'exact',
  pattern: op('CastLike', [any('x'), any('like')]),
  rewrite({ x, like }, draft) {
    const to = dtypeOf(like)
    return to === null ? reject('the type is not known', like) : draft.op('Cast', [x], { to: int(onnxCode(to)) })
  },
})
