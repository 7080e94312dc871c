import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'
import { mergesLeading, sameAxes, viewedAs } from './merged-batches.ts'

const product = op('MatMul', [any(), any()])
const scores = oneOf(product, op(['Mul', 'Div'], [product, any()]))

export const splitBatchesOfScores = rule({
  id: 'split-batches-of-scores',
  summary: 'What is done to scores over batch and heads in one axis can be done once they are taken apart.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Reshape', [op(['Add', 'Mul', 'Div'], [scores, any('other')], 'inner'), any('how')]),
  rewrite({ inner, other, how }, draft) {
    const [own, to] = [inner.outputs[0] as Value, draft.root.outputs[0] as Value].map(shapeOf)
    const at = inner.inputs.indexOf(other)
    const merged = inner.inputs[1 - at] as Value
    if (own == null || to == null || !mergesLeading(to, own) || !sameShape(shapeOf(merged), own))
      return reject('the view does not take batch and heads apart', draft.root)
    const others = otherFor(other)
    if (others === null) return reject('what is done to the scores is not known to broadcast to them once taken apart', other)
    const view = draft.op('Reshape', [merged, how], draft.root.attributes)
    return draft.op(inner.opType, at === 0 ? [others, view] : [view, others])

    function otherFor(value: Value): Value | null {
      if (value.constant !== null && countOf(value.constant.ref.dims) === 1) return value
      const shape = shapeOf(value)
      if (shape?.length !== own?.length || to == null || shape == null) return null
      const leading = to.length - shape.length + 1
      const wanted = [...to.slice(0, leading), ...shape.slice(1)]
      if (!mergesLeading(wanted, shape)) return null
      return sameAxes(wanted, to) ? draft.op('Reshape', [value, how], draft.root.attributes) : viewedAs(value, wanted, draft)
    }
  },
})
