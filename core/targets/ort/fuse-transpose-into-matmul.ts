import { intsOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, type Condition, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { draftProduct, objectionTo, productOf, products } from './product.ts'

/** Whether a Transpose exchanges the last two axes and nothing else. */
const turnsMatrix: Condition<Node> = (node) => {
  const rank = rankOf(node.outputs[0] as Node['outputs'][number])
  const perm = intsOf(node, 'perm') ?? (rank === 2 ? [1, 0] : null)
  if (perm === null || perm.length < 2) return 'the axes it exchanges are not known'
  const wanted = perm.map((_, i) => (i === perm.length - 2 ? i + 1 : i === perm.length - 1 ? i - 1 : i))
  return perm.every((axis, i) => axis === wanted[i]) || 'it exchanges other axes than the last two'
}

const turned = (name: 'a' | 'b') => op('Transpose', [any(name)], { shared: true, when: turnsMatrix })

export const fuseTransposeIntoMatmul = rule({
  id: 'fuse-transpose-into-matmul',
  summary: 'A transposed matrix before a product of activations is a flag of FusedMatMul.',
  fidelity: 'rounding',
  pattern: oneOf(op(products, [turned('a'), any('b')], 'first'), op(products, [any('a'), turned('b')], 'second')),
  rewrite({ a, b, first }, draft) {
    const objection = objectionTo(a, b)
    if (objection !== null) return reject(objection, draft.root)
    const product = productOf(draft.root)
    if (product.transBatchA + product.transBatchB > 0) return reject('its batches are transposed', draft.root)
    const flipped = first === undefined ? { transB: 1 - product.transB } : { transA: 1 - product.transA }
    return draftProduct(draft, a, b, { ...product, ...flipped })
  },
})
