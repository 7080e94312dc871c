import type { Value } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf, sameShape, shapeOf } from '../../shapes/shape-facts.ts'

const sum = op('Add', [any('a'), any('b')], 'add')

/**
 * onnxruntime makes SkipLayerNormalization of an Add before a LayerNormalization (and its simplified form of an RMS normalization) itself when it loads a model whose shapes it can infer; a Sum of two
 * is the same arithmetic, and stays. Where others read the sum too, the runtime leaves the Add alone.
 */
export const keepSumBeforeNorm = rule({
  id: 'keep-sum-before-norm',
  summary: 'A residual sum before a normalization is written as Sum, so that the runtime does not join the two into the slower operator.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: oneOf(
    op('lathe.Norm', [sum, constant('scale'), maybe(constant('shift'))], 'norm'),
    op(['LayerNormalization', 'SimplifiedLayerNormalization'], [sum, constant('scale'), maybe(constant('shift'))], 'norm'),
  ),
  rewrite({ a, b, add, norm }, draft) {
    const [total] = add.outputs as [Value]
    if (rankOf(total) !== 3) return reject('what is normalized has not three axes', add)
    if (!sameShape(shapeOf(a), shapeOf(b))) return reject('what is added has another shape', add)
    if (dtypeOf(total) !== 'float32') return reject('it is not in float32', add)
    if (norm.outputs.length > 1) return reject('the normalization also gives out its statistics', norm)
    return { replace: [{ old: total, by: draft.op('Sum', [a, b], {}, { name: add.name }) }] }
  },
})
