import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { broadcastShapes } from '../../shapes/dim.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const broadcasting = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual']

export const dropExpandBeforeBroadcast = rule({
  id: 'drop-expand-before-broadcast',
  summary: 'An operator that broadcasts needs no Expand before it when its other input has the full shape.',
  fidelity: 'exact',
  pattern: op(broadcasting, [any('a'), any('b')]),
  rewrite({ a, b }, draft) {
    const full = shapeOf(draft.root.outputs[0] as typeof a)
    const inputs = [a, b].map(
      (value) => ((value.producer?.opType === 'Expand' && value.producer.domain === '' && value.producer.inputs[0]) || value) as typeof a,
    )
    for (const at of [0, 1]) {
      const kept = [a, b].map((value, i) => (i === at ? (inputs[i] as typeof a) : value)) as [typeof a, typeof a]
      if (kept[at] === [a, b][at]) continue
      const [x, y] = kept.map(shapeOf)
      if (x != null && y != null && sameShape(broadcastShapes(x, y), full)) return draft.op(draft.root.opType, kept, draft.root.attributes)
    }
    return reject('no input is expanded to a shape that the other has')
  },
})
