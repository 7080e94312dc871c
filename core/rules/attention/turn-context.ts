import { ints, intsOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const lastExchanged = '0,1,3,2'
const exchanges = (transpose: Node): true | string =>
  (intsOf(transpose, 'perm') ?? []).join() === lastExchanged || 'it exchanges other axes than the last two'

/** Attention over pictures keeps channels before places and multiplies the other way round (LeViT): v p^T is (p v^T)^T. */
export const turnContext = rule({
  id: 'turn-context',
  summary: 'A product of values and turned weights is that of weights and turned values, turned.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op(
    'MatMul',
    [any('values'), op('Transpose', [op('Softmax', [any()], 'softmax')], { name: 'turned', when: exchanges })],
    'context',
  ),
  rewrite({ values, softmax }, draft) {
    const perm = ints([0, 1, 3, 2])
    const upright = draft.op('Transpose', [values], { perm })
    return draft.op('Transpose', [draft.op('MatMul', [softmax.outputs[0] as Value, upright])], { perm })
  },
})
