import { floatOf, intOf } from '../../ir/attributes.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'
import { affineOf, scaled, scaledBias, transposedChannel } from './channels.ts'
import { objectionTo, statistics } from './fuse-batchnorm-into-conv.ts'

export const fuseBatchnormIntoConvTranspose = rule({
  id: 'fuse-batchnorm-into-conv-transpose',
  summary: 'Folds a BatchNormalization into the weights of the ConvTranspose before it.',
  fidelity: 'rounding',
  pattern: op(
    'BatchNormalization',
    [op('ConvTranspose', [any('x'), constant('weight'), maybe(constant('bias'))], 'conv'), ...statistics],
    'norm',
  ),
  rewrite({ x, conv, weight, bias, norm, ...constants }, draft) {
    const objection = objectionTo(norm)
    if (objection !== null) return objection
    const affine = affineOf(constants, floatOf(norm, 'epsilon', 1e-5))
    const w = scaled(weight.constant, affine.factor, transposedChannel(weight.constant, intOf(conv, 'group', 1)))
    const b = scaledBias(bias?.constant ?? null, affine, weight.constant.ref.dtype)
    return draft.op(
      'ConvTranspose',
      [x, draft.constant(w, weight.name), draft.constant(b, bias?.name ?? constants.shift.name)],
      conv.attributes,
    )
  },
})
