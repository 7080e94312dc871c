import type { Attributes, Value } from '../../ir/value.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** SkipLayerNormalization adds a bias of its own to the sum: the projection before it needs no Add. */
export const fuseSkipNormBias = rule({
  id: 'fuse-skip-norm-bias',
  summary: 'The bias of the projection before a SkipLayerNormalization is added by it.',
  fidelity: 'rounding',
  pattern: op(
    ['com.microsoft.SkipLayerNormalization', 'com.microsoft.SkipSimplifiedLayerNormalization'],
    [any('left'), any('right'), constant('scale'), maybe(constant('shift')), maybe(constant('bias'))],
    'norm',
  ),
  rewrite({ left, right, scale, shift, bias, norm }, draft) {
    if (bias !== null) return reject('it adds a bias already', norm)
    const size = shapeOf(norm.outputs[0] as Value)?.[2]
    const found = biased(left, size) ?? biased(right, size)
    if (found === null) return reject('neither addend is a projection with a constant bias that no one else reads', norm)
    const other = found.sum === left ? right : left
    const type = `com.microsoft.${norm.opType}`
    const simplified = norm.opType === 'SkipSimplifiedLayerNormalization'
    const inputs = simplified ? [found.product, other, scale, found.bias] : [found.product, other, scale, shift, found.bias]
    const read = norm.outputs.map((old) => old.uses.length > 0 || old.isOutput)
    const outputs = draft.ops(type, inputs, Object.fromEntries(norm.attributes as Attributes), { outputs: read })
    return { replace: norm.outputs.map((old, i) => ({ old, by: outputs[i] as Value })).filter((_, i) => read[i]) }
  },
})

/** A sum with a constant of one element an output, read by nothing else. */
function biased(sum: Value, size: unknown): { sum: Value; product: Value; bias: Value } | null {
  const node = sum.producer
  if (node?.opType !== 'Add' || node.domain !== '' || sum.uses.length > 1 || sum.isOutput) return null
  const at = node.inputs.findIndex((input) => input?.constant?.ref.dims.length === 1 && input.constant.ref.dims[0] === size)
  const [bias, product] = [node.inputs[at], node.inputs[1 - at]]
  return at < 0 || bias == null || product == null ? null : { sum, product, bias }
}
