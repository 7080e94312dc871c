import { intOf } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { sameDim } from '../../shapes/dim.ts'
import { rankOf, shapeOf } from '../../shapes/shape-facts.ts'

export const viewAfterSoftmax = rule({
  id: 'view-after-softmax',
  summary: 'Batch and heads can be merged after a Softmax over the keys as well as before it.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op('Softmax', [op('Reshape', [any('x'), any('how')], 'view')], 'softmax'),
  rewrite({ x, how, view, softmax }, draft) {
    const [from, to] = [shapeOf(x), shapeOf(view.outputs[0] as Value)]
    const axis = intOf(softmax, 'axis', draft.opset() >= 13 ? -1 : 1)
    if (axis !== -1 && axis !== (rankOf(view.outputs[0] as Value) ?? 0) - 1)
      return reject('the Softmax does not run over the last axis', softmax)
    if (from === null || to === null || to.length >= from.length || !sameDim(from.at(-1) ?? null, to.at(-1) ?? null))
      return reject('the view does not merge axes before the last', view)
    return draft.op(
      'Reshape',
      [draft.op('Softmax', [x], { axis: { type: 'int', value: draft.opset() >= 13 ? -1 : from.length - 1 } }), how],
      view.attributes,
    )
  },
})
