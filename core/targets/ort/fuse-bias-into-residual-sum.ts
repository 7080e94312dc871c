import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

/** As fast as the two sums (docs/measured.md, 6), and the runtime makes no SkipLayerNormalization of it. */
export const fuseBiasIntoResidualSum = rule({
  id: 'fuse-bias-into-residual-sum',
  summary: 'The bias of a projection and the residual sum behind it are one Sum of three.',
  fidelity: 'rounding',
  pattern: op(
    ['Add', 'Sum'],
    [op('Add', [op('MatMul', [any('rows'), any('weight')], 'product'), constant('bias')]), any('residual')],
    'sum',
  ),
  rewrite({ product, bias, residual, sum }, draft) {
    const [whole, [result]] = [shapeOf(residual), product.outputs]
    if (result === undefined || dtypeOf(result) !== 'float32') return reject('it is not in float32', product)
    if (rankOf(result) !== 3 || !sameShape(shapeOf(result), whole)) return reject('what is added has another shape', residual)
    if (!sameShape(bias.constant.ref.dims, whole?.slice(-1) ?? null)) return reject('the term is no bias along the last axis', bias)
    return draft.op('Sum', [result, bias, residual], {}, { name: sum.name })
  },
})
