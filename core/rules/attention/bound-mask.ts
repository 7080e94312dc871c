import { numbersOf } from '../../ir/numbers.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { any, type Condition, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

/** So low that no score moves it: what rounding leaves of a sum with it is itself. */
const lowest = -1e30

const isLowest: Condition<Value> = (value) =>
  (value.constant !== null &&
    countOf(value.constant.ref.dims) === 1 &&
    value.constant.ref.dims.length < 3 &&
    (numbersOf(value.constant)[0] as number) <= lowest) ||
  'it is not the lowest number'

/**
 * OPT and XGLM keep masked scores from being infinite, max(q k^T + mask, lowest): the mask alone can be, and it is one for all layers. Scores are finite
 * in any model that works, so that the bound only ever holds back the mask.
 */
export const boundMask = rule({
  id: 'bound-mask',
  summary: 'A lower bound on masked scores is one on their mask.',
  fidelity: 'rounding',
  housekeeping: true,
  pattern: op(
    'Softmax',
    [op('Max', [op('Add', [op('MatMul', [any(), any()], 'product'), any('mask')]), any('bound', isLowest)])],
    'softmax',
  ),
  rewrite({ product, mask, bound, softmax }, draft) {
    const bounded = draft.op('Max', [mask, bound])
    return draft.op('Softmax', [draft.op('Add', [product.outputs[0] as Value, bounded])], softmax.attributes)
  },
})
