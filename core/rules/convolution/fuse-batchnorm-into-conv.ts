import { floatOf, intOf } from '../../ir/attributes.ts'
import type { Node } from '../../ir/value.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { type Rejection, reject, rule } from '../../rewrite/rule.ts'
import { affineOf, convChannel, scaled, scaledBias } from './channels.ts'

/** The normalization's constants, as every rule that folds one away names them. */
export const statistics = [constant('scale'), constant('shift'), constant('mean'), constant('variance')] as const

/** Why a normalization is no plain affine map; `null` when it is one. */
export function objectionTo(norm: Node): Rejection | null {
  if (norm.outputs.some((output, i) => i > 0 && output.name !== '')) return reject('the normalization also reports its statistics', norm)
  if (intOf(norm, 'training_mode', 0) === 1) return reject('the normalization is in training mode', norm)
  return intOf(norm, 'spatial', 1) === 0 ? reject('the normalization has statistics for every place', norm) : null
}

export const fuseBatchnormIntoConv = rule({
  id: 'fuse-batchnorm-into-conv',
  summary: 'Folds a BatchNormalization into the weights of the Conv before it.',
  fidelity: 'rounding',
  pattern: op('BatchNormalization', [op('Conv', [any('x'), constant('weight'), maybe(constant('bias'))], 'conv'), ...statistics], 'norm'),
  rewrite({ x, conv, weight, bias, norm, ...constants }, draft) {
    const objection = objectionTo(norm)
    if (objection !== null) return objection
    const affine = affineOf(constants, floatOf(norm, 'epsilon', 1e-5))
    const w = scaled(weight.constant, affine.factor, convChannel(weight.constant))
    const b = scaledBias(bias?.constant ?? null, affine, weight.constant.ref.dtype)
    return draft.op('Conv', [x, draft.constant(w, weight.name), draft.constant(b, bias?.name ?? constants.shift.name)], conv.attributes)
  },
})
