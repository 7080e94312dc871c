import type { Dim, Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { broadcastShapes } from '../../shapes/dim.ts'
import { sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const broadcasting = ['Add', 'Sub', 'Mul', 'Div', 'And', 'Or', 'Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual']

export const dropLeadingOnes = rule({
  id: 'drop-leading-ones',
  summary: 'An operator that broadcasts adds leading axes of size 1 by itself.',
  fidelity: 'exact',
  pattern: op(broadcasting, [any('a'), any('b')]),
  rewrite({ a, b }, draft) {
    const full = shapeOf(draft.root.outputs[0] as Value)
    for (const at of [0, 1]) {
      const bare = withoutOnes([a, b][at] as Value)
      if (bare === null) continue
      const inputs = at === 0 ? [bare, b] : [a, bare]
      const [x, y] = inputs.map(shapeOf) as [readonly Dim[] | null, readonly Dim[] | null]
      if (x !== null && y !== null && sameShape(broadcastShapes(x, y), full))
        return draft.op(draft.root.opType, inputs, draft.root.attributes)
    }
    return reject('no input only adds leading axes of size 1')
  },
})

/** The value before a view that only adds leading axes of size 1. */
function withoutOnes(value: Value): Value | null {
  const node = value.producer
  if (node === null || node.domain !== '' || (node.opType !== 'Reshape' && node.opType !== 'Unsqueeze')) return null
  const source = node.inputs[0] as Value
  const [from, to] = [shapeOf(source), shapeOf(value)]
  if (from === null || to === null || source.graph !== value.graph) return null
  const added = to.length - from.length
  return added > 0 && to.slice(0, added).every((dim) => dim === 1) && sameShape(to.slice(added), from) ? source : null
}
