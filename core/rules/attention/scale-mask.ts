import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { any, type Condition, oneOf, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

const isNumber: Condition<Value> = (value) =>
  (value.constant !== null && countOf(value.constant.ref.dims) === 1 && value.constant.ref.dims.length < 3) || 'it is no single number'

const masked = op('Add', [op('MatMul', [any(), any()], 'product'), any('mask')])

/** CodeGen scales scores after it masked them, (q k^T + mask) / sqrt(size): the same scale on both is how attention is written elsewhere. */
export const scaleMask = rule({
  id: 'scale-mask',
  summary: 'A scale on masked scores is one on the scores and one on the mask.',
  fidelity: 'rounding',
  housekeeping: true,
  pattern: op(
    'Softmax',
    [oneOf(op('Mul', [masked, any('by', isNumber)], 'scaling'), op('Div', [masked, any('by', isNumber)], 'scaling'))],
    'softmax',
  ),
  rewrite({ product, mask, by, scaling, softmax }, draft) {
    const scaled = (value: Value) => draft.op(scaling.opType, [value, by])
    return draft.op('Softmax', [draft.op('Add', [scaled(product.outputs[0] as Value), scaled(mask)])], softmax.attributes)
  },
})
