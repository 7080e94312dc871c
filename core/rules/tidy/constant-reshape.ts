import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

export const constantReshape = rule({
  id: 'constant-reshape',
  summary: 'A Reshape whose shape is computed, but says only known sizes and sizes that stay, takes a constant instead.',
  fidelity: 'exact',
  pattern: op('Reshape', [any('x'), any('shape', (shape) => shape.constant === null || 'the shape is a constant')]),
  rewrite({ x, shape }, draft) {
    const target = reshapeTarget(shapeOf(x), shapeOf(draft.root.outputs[0] as typeof x))
    return target === null
      ? reject('more than one size is neither known nor kept in its place', shape)
      : draft.op('Reshape', [x, draft.ints(target, 'shape')])
  },
})
