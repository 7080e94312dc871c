import { float, floatOf, intOf, textOf } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const sum = op('Add', [any('a'), any('b')], { name: 'add', shared: true })

export const fuseSkipNorm = rule({
  id: 'fuse-skip-norm',
  summary:
    'A residual sum before a normalization belongs to it: SkipLayerNormalization or SkipSimplifiedLayerNormalization, which also give out the sum.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('lathe.Norm', [sum, constant('scale'), maybe(constant('shift'))], 'norm'),
    op(['LayerNormalization', 'SimplifiedLayerNormalization'], [sum, constant('scale'), maybe(constant('shift'))], 'norm'),
  ),
  rewrite({ a, b, add, scale, shift, norm }, draft) {
    const [total] = add.outputs as [Value]
    const rank = rankOf(total)
    if (rank !== 3 || ![-1, rank - 1].includes(intOf(norm, 'axis', -1))) return reject('it does not normalize the last of three axes', norm)
    if (!sameShape(shapeOf(a), shapeOf(b))) return reject('what is added has another shape', add)
    if (dtypeOf(total) !== 'float32') return reject('it is not in float32', add)
    if (norm.outputs.length > 1) return reject('the normalization also gives out its statistics', norm)
    const inputs = shift === null ? [a, b, scale] : [a, b, scale, shift]
    const sumIsRead = total.isOutput || total.uses.some((use) => use.node !== norm)
    const outputs = skipNorm(draft, norm, { inputs, sumIsRead })
    const first = { old: norm.outputs[0] as Value, by: outputs[0] as Value }
    return { replace: sumIsRead ? [first, { old: total, by: outputs[3] as Value }] : [first] }
  },
})

/** The fused operator's outputs: the normalized sum and, fourth, the sum itself. */
function skipNorm(draft: Draft, norm: Node, { inputs, sumIsRead }: { inputs: readonly Value[]; sumIsRead: boolean }): readonly Value[] {
  const simplified = norm.opType === 'SimplifiedLayerNormalization' || textOf(norm, 'kind', '') === 'rms'
  const type = simplified ? 'com.microsoft.SkipSimplifiedLayerNormalization' : 'com.microsoft.SkipLayerNormalization'
  const outputs = sumIsRead ? [true, false, false, true] : 1
  return draft.ops(type, inputs, { epsilon: float(floatOf(norm, 'epsilon', 1e-5)) }, { outputs })
}
