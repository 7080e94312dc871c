import { intOf } from '../../ir/attributes.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { convChannel, perChannel, scaled, scaledBias, transposedChannel } from './channels.ts'

const conv = op(['Conv', 'ConvTranspose'], [any('x'), constant('weight'), maybe(constant('bias'))], 'conv')

export const fuseScaleIntoConv = rule({
  id: 'fuse-scale-into-conv',
  summary: 'Folds a multiplication or division by a constant into the weights of the convolution before it.',
  fidelity: 'rounding',
  pattern: oneOf(op('Mul', [conv, constant('by')]), op('Div', [conv, constant('by')])),
  rewrite({ x, conv, weight, bias, by }, draft) {
    const { dims, dtype } = weight.constant.ref
    const transposed = conv.opType === 'ConvTranspose'
    const group = intOf(conv, 'group', 1)
    const channels = transposed ? (dims[1] as number) * group : (dims[0] as number)
    const numbers = perChannel(by.constant, channels, dims.length)
    if (numbers === null) return reject('the constant differs within a channel', by)
    const factor = draft.root.opType === 'Mul' ? numbers : numbers.map((value) => 1 / value)
    const channelOf = transposed ? transposedChannel(weight.constant, group) : convChannel(weight.constant)
    const w = draft.constant(scaled(weight.constant, factor, channelOf), weight.name)
    if (bias === null) return draft.op(conv.opType, [x, w], conv.attributes)
    const b = scaledBias(bias.constant, { factor, term: new Float64Array(channels) }, dtype)
    return draft.op(conv.opType, [x, w, draft.constant(b, bias.name)], conv.attributes)
  },
})
