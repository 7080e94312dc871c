import { intOf } from '../../ir/attributes.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { perChannel, scaledBias } from './channels.ts'

const conv = op(['Conv', 'ConvTranspose'], [any('x'), constant('weight'), maybe(constant('bias'))], 'conv')

export const fuseShiftIntoConv = rule({
  id: 'fuse-shift-into-conv',
  summary: 'Folds an addition or subtraction of a constant into the bias of the convolution before it.',
  fidelity: 'rounding',
  pattern: oneOf(op('Add', [conv, constant('by')]), op('Sub', [conv, constant('by')])),
  rewrite({ x, conv, weight, bias, by }, draft) {
    const { dims, dtype } = weight.constant.ref
    const channels = conv.opType === 'Conv' ? (dims[0] as number) : (dims[1] as number) * intOf(conv, 'group', 1)
    const numbers = perChannel(by.constant, channels, dims.length)
    if (numbers === null) return reject('the constant differs within a channel', by)
    const term = draft.root.opType === 'Add' ? numbers : numbers.map((value) => -value)
    const b = scaledBias(bias?.constant ?? null, { factor: new Float64Array(channels).fill(1), term }, dtype)
    return draft.op(conv.opType, [x, weight, draft.constant(b, bias?.name ?? by.name)], conv.attributes)
  },
})
