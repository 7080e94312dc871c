import { intsOf } from '../../ir/attributes.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { reshapeTarget, shapeOf } from '../../shapes/shape-facts.ts'

export const transposeToReshape = rule({
  id: 'transpose-to-reshape',
  summary: 'A transpose that only moves axes of size 1 moves no data: it is a Reshape.',
  fidelity: 'exact',
  pattern: op('Transpose', [any('x')], 'transpose'),
  rewrite({ x, transpose }, draft) {
    const perm = intsOf(transpose, 'perm')
    const shape = shapeOf(x)
    if (perm === null || shape === null) return reject('the shape is not known', x)
    const moving = perm.filter((axis) => shape[axis] !== 1)
    if (moving.some((axis, i) => i > 0 && axis < (moving[i - 1] as number)))
      return reject('it moves axes that are longer than 1', transpose)
    const target = reshapeTarget(
      shape,
      perm.map((axis) => shape[axis] ?? null),
    )
    return target === null ? reject('more than one size is not known', x) : draft.op('Reshape', [x, draft.ints(target, 'shape')])
  },
})
