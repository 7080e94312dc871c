import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

export const dropNoOpCast = rule({
  id: 'drop-no-op-cast',
  summary: 'A cast to the type that a value already has changes nothing.',
  fidelity: 'exact',
  pattern: op(['Cast', 'CastLike'], [any('x'), maybe(any())], 'cast'),
  rewrite({ x, cast }, draft) {
    const to = dtypeOf(draft.root.outputs[0] as typeof x)
    return to !== null && to === dtypeOf(x) ? x : reject('the type changes', cast)
  },
})
