import { float } from '../../ir/attributes.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'

export const fuseSumIntoGemm = rule({
  id: 'fuse-sum-into-gemm',
  summary: 'What is added to a Gemm without a third input is its third input.',
  fidelity: 'rounding',
  pattern: op(['Add', 'Sum'], [op('Gemm', [any('a'), any('b')], 'gemm'), any('c')]),
  rewrite({ a, b, c, gemm }, draft) {
    const [product, sum] = [gemm.outputs[0] as typeof a, draft.root.outputs[0] as typeof a]
    if (!sameShape(shapeOf(product), shapeOf(sum))) return reject('the sum has another shape than the product', c)
    const rank = shapeOf(c)?.length ?? 3
    if (rank > 2) return reject('what is added has more than two axes', c)
    return draft.op('Gemm', [a, b, c], new Map([...gemm.attributes, ['beta', float(1)]]))
  },
})
