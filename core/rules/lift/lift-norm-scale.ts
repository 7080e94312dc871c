import { intOf } from '../../ir/attributes.ts'
import { tensorAt } from '../../ir/tensor.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, type ConstantValue, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { isStatic, rankOf, shapeOf } from '../../shapes/shape-facts.ts'

/** The part of a normalized value's shape that scale and shift have; `null` when it is not known. */
function affineShape(norm: Node): readonly number[] | null {
  const shape = shapeOf(norm.outputs[0] as Value)
  const part = shape?.slice(intOf(norm, 'axis', -1)) ?? null
  return isStatic(part) ? part : null
}

/**
 * A constant that broadcasts over the normalized axes alone, without axes of size 1 before them; `null` when it has another shape, or more axes than
 * the value.
 */
export function affineOf(value: ConstantValue, norm: Node, draft: Draft): Value | null {
  const shape = affineShape(norm)
  const { ref, blob, unknown } = value.constant
  const rank = rankOf(norm.outputs[0] as Value) ?? 0
  const more = ref.dims.length - (shape?.length ?? 0)
  const fits = shape !== null && more >= 0 && ref.dims.length <= Math.max(rank, shape.length)
  if (!fits || ref.dims.join() !== [...Array<number>(more).fill(1), ...shape].join()) return null
  return more === 0 ? value : draft.constant(tensorAt(blob, { ...ref, dims: shape }, unknown), value.name)
}

export const liftNormScale = rule({
  id: 'lift-norm-scale',
  summary: 'A factor after a normalization, one for each place of the axes it normalizes, belongs to it.',
  fidelity: 'rounding',
  pattern: op('Mul', [op('lathe.Norm', [any('x')], 'norm'), constant('scale')]),
  rewrite({ x, norm, scale }, draft) {
    if (affineShape(norm) === null) return reject('the size of the normalized axes is not known', norm)
    const own = affineOf(scale, norm, draft)
    if (own === null) return reject('the factor has another shape than the normalized axes', scale)
    return draft.op('lathe.Norm', [x, own], norm.attributes)
  },
})
