import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'

export const fuseBiasIntoDynamicQuantizeMatmul = rule({
  id: 'fuse-bias-into-dynamic-quantize-matmul',
  summary: 'A bias after DynamicQuantizeMatMul belongs to it.',
  fidelity: 'rounding',
  pattern: op('Add', [
    op('com.microsoft.DynamicQuantizeMatMul', [any('x'), any('weight'), any('scale'), maybe(any('zero'))]),
    constant('bias'),
  ]),
  rewrite({ x, weight, scale, zero, bias }, draft) {
    if (!sameShape(bias.constant.ref.dims, shapeOf(weight)?.slice(1) ?? null))
      return reject('the term is no bias along the last axis', bias)
    return draft.op('com.microsoft.DynamicQuantizeMatMul', [x, weight, scale, zero, bias])
  },
})
