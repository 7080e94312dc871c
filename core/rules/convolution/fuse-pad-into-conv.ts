import { ints } from '../../ir/attributes.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { joinedPads, paddingOf, padsOf } from './padding.ts'

export const fusePadIntoConv = rule({
  id: 'fuse-pad-into-conv',
  summary: 'A Pad with zeros before a Conv is the padding of the Conv.',
  fidelity: 'exact',
  pattern: op('Conv', [op('Pad', [any('x'), maybe(any()), maybe(any()), maybe(any())], 'pad'), any('weight'), maybe(any('bias'))], 'conv'),
  rewrite({ x, pad, conv, weight, bias }, draft) {
    const rank = rankOf(weight)
    if (rank === null) return reject('the rank is not known', weight)
    const padding = paddingOf(pad, rank)
    if (typeof padding === 'string') return reject(padding, pad)
    if (padding.fill !== 0) return reject('it does not pad with zeros', pad)
    const pads = padsOf(conv, rank - 2)
    if (pads === null) return reject('the Conv pads to keep the size', conv)
    const attributes = new Map([...conv.attributes, ['pads', ints(joinedPads(pads, padding))]])
    attributes.delete('auto_pad')
    return draft.op('Conv', [x, weight, bias], attributes)
  },
})
