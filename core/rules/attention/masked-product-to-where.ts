import { int } from '../../ir/attributes.ts'
import { numbersOf } from '../../ir/numbers.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { any, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

/** How GPT-2 was exported at first: scores * mask - 10000 * (1 - mask), the mask cut out of a triangle of ones. */
export const maskedProductToWhere = rule({
  id: 'masked-product-to-where',
  summary: 'Scores times a mask of zeros and ones, less a large number where it is zero, are a choice between both.',
  fidelity: 'exact',
  pattern: op('Sub', [
    op('Mul', [any('scores'), any('mask')]),
    op('Mul', [op('Sub', [scalar(1), any('mask')], { shared: true }), scalar('large')], { shared: true }),
  ]),
  rewrite({ scores, mask, large }, draft) {
    const [values, bits] = holdsBits(mask) ? [scores, mask] : [mask, scores]
    if (!holdsBits(bits)) return reject('the mask is not known to hold zeros and ones alone', mask)
    return draft.op('Where', [draft.op('Cast', [bits], { to: int(9) }), values, draft.scalar(-large)])
  },
})

/** Tables larger than this are not read. */
const largestTable = 1 << 22

/** Zeros and ones, cut out of a constant in whatever way. */
function holdsBits(value: Value): boolean {
  const { constant, producer } = value
  if (constant !== null)
    return countOf(constant.ref.dims) <= largestTable && numbersOf(constant).every((number) => number === 0 || number === 1)
  const cut = producer !== null && ['Slice', 'Cast', 'Reshape', 'Unsqueeze', 'Squeeze', 'Gather'].includes(producer.opType)
  return cut && holdsBits(producer.inputs[0] as Value)
}
