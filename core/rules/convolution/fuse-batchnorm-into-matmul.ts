import { floatOf } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { affineOf, columnChannel, scaled } from './channels.ts'
import { objectionTo, statistics } from './fuse-batchnorm-into-conv.ts'

export const fuseBatchnormIntoMatmul = rule({
  id: 'fuse-batchnorm-into-matmul',
  summary: 'Folds a BatchNormalization into the weights of the MatMul before it.',
  fidelity: 'rounding',
  pattern: op('BatchNormalization', [op('MatMul', [any('x'), constant('weight')]), ...statistics], 'norm'),
  rewrite({ x, weight, norm, ...constants }, draft) {
    const objection = objectionTo(norm)
    if (objection !== null) return objection
    // The channels of a normalization are its second axis: only of a matrix are they the columns of the weights.
    if (rankOf(x) !== 2 || weight.constant.ref.dims.length !== 2) return reject('the product is no matrix', norm)
    const affine = affineOf(constants, floatOf(norm, 'epsilon', 1e-5))
    const columns = affine.factor.length
    const w = draft.constant(scaled(weight.constant, affine.factor, columnChannel(columns)), weight.name)
    const b = draft.constant(tensorFrom(weight.constant.ref.dtype, [columns], affine.term), constants.shift.name)
    return draft.op('Gemm', [x, w, b])
  },
})
