import { intOf } from '../../ir/attributes.ts'
import { any, maybe, op, qualified } from '../../rewrite/pattern.ts'
import { Rejection, reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { normalizations } from './normalizations.ts'
import { readSelection, selectedFirst, selectionOf } from './selection.ts'

export const selectBeforeNorm = rule({
  id: 'select-before-norm',
  summary: 'Only the positions that are read are normalized.',
  fidelity: 'exact',
  housekeeping: true,
  pattern: selectionOf(op(normalizations, [any('x'), maybe(any('scale')), maybe(any('shift'))], 'inner')),
  rewrite(found, draft) {
    const { x, scale, shift, inner } = found
    const selection = readSelection(found, inner)
    if (selection instanceof Rejection) return selection
    const rank = rankOf(x) as number
    const axis = intOf(inner, 'axis', -1)
    if (selection.axis >= (axis < 0 ? axis + rank : axis)) return reject('the normalization is over this axis', inner)
    if ([scale, shift].some((value) => value !== null && (rankOf(value) ?? rank) > rank - selection.axis - 1))
      return reject('the scale is of each position', inner)
    const inputs = [selection.take(x, selection.axis, draft), ...(scale === null ? [] : [scale]), ...(shift === null ? [] : [shift])]
    const computed = draft.op(qualified(inner), inputs, inner.attributes, { name: inner.name, standsFor: inner })
    return selectedFirst(selection, { select: found.select, inner, computed }, draft)
  },
})
