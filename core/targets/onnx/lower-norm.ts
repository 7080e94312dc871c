import { float, floatOf, int, intOf, textOf } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { canonicalNorm } from '../../rewrite/canonical.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, isStatic, shapeOf } from '../../shapes/shape-facts.ts'

/** Ones in the shape of the normalized axes: standard normalizations want a scale; `null` when the shape is not known. */
export function onesFor(x: Value, axis: number, draft: Draft): Value | null {
  const dims = shapeOf(x)?.slice(axis) ?? null
  const dtype = dtypeOf(x)
  if (!isStatic(dims) || dtype === null) return null
  return draft.constant(tensorFrom(dtype, dims, new Array<number>(countOf(dims)).fill(1)), 'ones')
}

export const lowerNorm = rule({
  id: 'lower-norm',
  summary: 'A layer normalization is LayerNormalization from operator set 17 on, an RMS normalization RMSNormalization from 23 on.',
  fidelity: 'rounding',
  pattern: canonicalNorm,
  rewrite({ x, scale, shift, norm }, draft) {
    const layer = textOf(norm, 'kind', '') === 'layer'
    const needed = layer ? 17 : 23
    if (draft.opset() < needed) return reject(`the operator set is ${draft.opset()}, it would have to be ${needed}`, norm)
    const axis = intOf(norm, 'axis', -1)
    const weight = scale ?? onesFor(x, axis, draft)
    if (weight === null) return reject('the size of the normalized axes is not known', x)
    const attributes = { axis: int(axis), epsilon: float(floatOf(norm, 'epsilon', 1e-5)) }
    if (!layer) return draft.op('RMSNormalization', [x, weight], attributes)
    return draft.op('LayerNormalization', shift === null ? [x, weight] : [x, weight, shift], attributes)
  },
})
