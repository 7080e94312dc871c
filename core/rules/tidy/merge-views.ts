import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { reshapeTarget, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const views = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']

export const mergeViews = rule({
  id: 'merge-views',
  summary: 'Reshape, Flatten, Squeeze and Unsqueeze in a row are one Reshape, or nothing.',
  fidelity: 'exact',
  pattern: op(views, [op(views, [any('x'), maybe(any())], { shared: true }), maybe(any())]),
  rewrite({ x }, draft) {
    const [from, to] = [shapeOf(x), shapeOf(draft.root.outputs[0] as typeof x)]
    if (sameShape(from, to)) return x
    const target = reshapeTarget(from, to)
    return target === null ? reject('no constant says the final shape', draft.root) : draft.op('Reshape', [x, draft.ints(target, 'shape')])
  },
})
