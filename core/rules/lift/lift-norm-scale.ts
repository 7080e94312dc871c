import { intOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { isStatic, shapeOf } from '../../shapes/shape-facts.ts'

/** The part of a normalized value's shape that scale and shift have; `null` when it is not known. */
export function affineShape(norm: Node): readonly number[] | null {
  const shape = shapeOf(norm.outputs[0] as Node['outputs'][number])
  const part = shape?.slice(intOf(norm, 'axis', -1)) ?? null
  return isStatic(part) ? part : null
}

export const liftNormScale = rule({
  id: 'lift-norm-scale',
  summary: 'A factor after a normalization, one for each place of the axes it normalizes, belongs to it.',
  fidelity: 'rounding',
  pattern: op('Mul', [op('lathe.Norm', [any('x')], 'norm'), constant('scale')]),
  rewrite({ x, norm, scale }, draft) {
    const shape = affineShape(norm)
    if (shape === null) return reject('the size of the normalized axes is not known', norm)
    if (scale.constant.ref.dims.join() !== shape.join()) return reject('the factor has another shape than the normalized axes', scale)
    return draft.op('lathe.Norm', [x, scale], norm.attributes)
  },
})
