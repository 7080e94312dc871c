import type { Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'
import { beforeMerge, mergesLeading, sameAxes } from './merged-batches.ts'

/** Exporters of older attention merge batch and heads for a product of three axes (PyTorch's bmm). */
export const splitBatchesOfProduct = rule({
  id: 'split-batches-of-product',
  summary: 'A matrix product over batch and heads in one axis is the product over both.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Reshape', [op('MatMul', [any('left'), any('right')], 'product'), any()]),
  rewrite({ left, right, product }, draft) {
    const [own, to] = [product.outputs[0] as Value, draft.root.outputs[0] as Value].map(shapeOf)
    if (to == null || own == null || !mergesLeading(to, own)) return reject('the view does not take leading axes apart', draft.root)
    const factors = [left, right].map((factor) => beforeMerge(factor, draft))
    if (factors.some((factor) => factor === null || !sameAxes(factor.axes, to.slice(0, -2))))
      return reject('a factor is not known to be merged from the axes into which the result is taken apart', product)
    return draft.op(
      'MatMul',
      factors.map((factor) => factor?.value ?? null),
    )
  },
})
