import { floatOf, intOf, ints, textOf } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { canonicalNorm } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'

export const expandNorm = rule({
  id: 'expand-norm',
  summary: 'The definition of a normalization in standard operators.',
  fidelity: 'rounding',
  pattern: canonicalNorm,
  rewrite({ x, scale, shift, norm }, draft) {
    const type = dtypeOf(x) ?? 'float32'
    const axis = intOf(norm, 'axis', -1)
    const centred = textOf(norm, 'kind', '') === 'rms' ? x : draft.op('Sub', [x, meanOf(x, draft, axis)])
    const square = meanOf(draft.op('Mul', [centred, centred]), draft, axis)
    const root = draft.op('Sqrt', [draft.op('Add', [square, draft.scalar(floatOf(norm, 'epsilon', 1e-5), type)])])
    const normalized = draft.op('Div', [centred, root])
    const scaled = scale === null ? normalized : draft.op('Mul', [normalized, scale])
    return shift === null ? scaled : draft.op('Add', [scaled, shift])
  },
})

/** The mean over the axes from `axis` (counted from the back) to the last, as the operator set writes it. */
function meanOf(x: Value, draft: Draft, axis: number): Value {
  const axes = Array.from({ length: -axis }, (_, i) => axis + i)
  return draft.opset() >= 18 ? draft.op('ReduceMean', [x, draft.ints(axes, 'axes')]) : draft.op('ReduceMean', [x], { axes: ints(axes) })
}
