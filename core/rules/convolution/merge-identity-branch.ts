import { floatOf } from '../../ir/attributes.ts'
import { float32Tensor, floatsOf, numbersOf, tensorFrom } from '../../ir/numbers.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { type Affine, affineOf } from './channels.ts'
import { objectionTo, statistics } from './fuse-batchnorm-into-conv.ts'
import { geometryOf, isDilated, placeIn } from './kernels.ts'

const conv = op('Conv', [any('x'), constant('weight'), maybe(constant('bias'))], 'conv')

export const mergeIdentityBranch = rule({
  id: 'merge-identity-branch',
  summary: 'A convolution plus its own input, normalized or not, is one convolution: the input is a kernel with a single weight.',
  fidelity: 'rounding',
  pattern: oneOf(op('Add', [conv, op('BatchNormalization', [any('x'), ...statistics], 'norm')]), op('Add', [conv, any('x')])),
  rewrite({ x, conv, weight, bias, norm, scale, shift, mean, variance }, draft) {
    const { dims } = weight.constant.ref
    const [channels = 0, perGroup = 0] = dims
    const geometry = geometryOf(conv, weight.constant)
    if (geometry === null || isDilated(geometry))
      return reject('the convolution is dilated, not two-dimensional or pads to keep the size', conv)
    if (perGroup * geometry.group !== channels) return reject('the convolution changes the number of channels', conv)
    const place = placeIn(geometry, { ...geometry, kernel: [1, 1], pads: [0, 0, 0, 0] })
    if (place === null || geometry.strides.join() !== '1,1')
      return reject('the convolution changes the size, or its kernel has no middle', conv)
    const objection = norm === undefined ? null : objectionTo(norm)
    if (objection !== null) return objection
    const plain: Affine = { factor: new Float64Array(channels).fill(1), term: new Float64Array(channels) }
    const normalized = norm && scale && shift && mean && variance
    const affine = normalized ? affineOf({ scale, shift, mean, variance }, floatOf(norm, 'epsilon', 1e-5)) : plain
    const weights = Float32Array.from(floatsOf(weight.constant))
    const [height, width] = geometry.kernel
    for (let channel = 0; channel < channels; channel++) {
      const at = ((channel * perGroup + (channel % perGroup)) * height + place[0]) * width + place[1]
      weights[at] = (weights[at] as number) + (affine.factor[channel] as number)
    }
    const old = bias === null ? new Float64Array(channels) : numbersOf(bias.constant)
    const b = tensorFrom(
      'float32',
      [channels],
      affine.term.map((term, i) => term + (old[i] as number)),
    )
    return draft.op(
      'Conv',
      [x, draft.constant(float32Tensor(dims, weights), weight.name), draft.constant(b, bias?.name ?? 'bias')],
      conv.attributes,
    )
  },
})
