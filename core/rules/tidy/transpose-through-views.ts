import { ints, intsOf } from '../../ir/attributes.ts'
import type { Dim, Value } from '../../ir/value.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

const views = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']

/** Exporters of fused attention merge batch and heads only to exchange the axes after them. */
export const transposeThroughViews = rule({
  id: 'transpose-through-views',
  summary: 'Leading axes that are merged, left in their place by a Transpose and taken apart again need no views.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: op(views, [op('Transpose', [op(views, [any('x'), maybe(any())], 'merge')], 'transpose'), maybe(any())], 'split'),
  rewrite({ x, merge, transpose, split }, draft) {
    const [from, merged, to] = [x, merge.outputs[0] as Value, split.outputs[0] as Value].map(shapeOf)
    const perm = intsOf(transpose, 'perm')
    if (from == null || merged == null || to == null || perm === null) return reject('a shape is not known', transpose)
    const leading = from.length - merged.length + 1
    if (leading < 2 || perm[0] !== 0) return reject('the views do not merge leading axes that the Transpose leaves in their place', merge)
    const whole = [...Array.from({ length: leading }, (_, i) => i), ...perm.slice(1).map((axis) => axis + leading - 1)]
    const isMerge = alike([productOf(from.slice(0, leading)), ...from.slice(leading)], merged)
    const isSplit = alike(
      whole.map((axis) => from[axis] as Dim),
      to,
    )
    if (!isMerge || !isSplit) return reject('the views are not known to merge and to split the same axes', split)
    return draft.op('Transpose', [x], { perm: ints(whole) })
  },
})

const alike = (a: readonly Dim[], b: readonly Dim[]): boolean => a.length === b.length && a.every((dim, i) => sameDim(dim, b[i] ?? null))
