import { intsOf } from '../../ir/attributes.ts'
import { any, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { knownOf, numbersIn } from '../../shapes/known.ts'

export const dropNoOpPad = rule({
  id: 'drop-no-op-pad',
  summary: 'A Pad by nothing changes nothing.',
  fidelity: 'exact',
  pattern: op('Pad', [any('x'), maybe(any('pads')), maybe(any()), maybe(any())], 'pad'),
  rewrite({ x, pads, pad }) {
    const sizes = pads === null ? intsOf(pad, 'pads') : pads.constant && numbersIn(knownOf(pads.constant))
    return sizes?.every((size) => size === 0) ? x : reject('it pads, or its sizes are not constant', pad)
  },
})
