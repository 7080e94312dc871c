import { float, floatOf, intOf } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { affineOf, columnChannel, perChannel, rowChannel, scaled } from './channels.ts'
import { objectionTo, statistics } from './fuse-batchnorm-into-conv.ts'

export const fuseBatchnormIntoGemm = rule({
  id: 'fuse-batchnorm-into-gemm',
  summary: 'Folds a BatchNormalization into the weights of the Gemm before it.',
  fidelity: 'rounding',
  pattern: op('BatchNormalization', [op('Gemm', [any('x'), constant('weight'), maybe(constant('bias'))], 'gemm'), ...statistics], 'norm'),
  rewrite({ x, gemm, weight, bias, norm, ...constants }, draft) {
    const objection = objectionTo(norm)
    if (objection !== null) return objection
    const affine = affineOf(constants, floatOf(norm, 'epsilon', 1e-5))
    const channels = affine.factor.length
    const old = bias === null ? new Float64Array(channels) : perChannel(bias.constant, channels, 2)
    if (old === null) return reject('the bias differs from row to row', bias)
    const columns = weight.constant.ref.dims[1] as number
    const channelOf = intOf(gemm, 'transB', 0) === 1 ? rowChannel(columns) : columnChannel(columns)
    const beta = floatOf(gemm, 'beta', 1)
    const b = affine.term.map((term, i) => term + (old[i] as number) * beta * (affine.factor[i] as number))
    const attributes = new Map([...gemm.attributes, ['beta', float(1)]])
    return draft.op(
      'Gemm',
      [
        x,
        draft.constant(scaled(weight.constant, affine.factor, channelOf), weight.name),
        draft.constant(tensorFrom(weight.constant.ref.dtype, [channels], b), bias?.name ?? constants.shift.name),
      ],
      attributes,
    )
  },
})
