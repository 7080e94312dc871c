import { textOf } from '../../ir/attributes.ts'
import { any, constant, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { affineOf } from './lift-norm-scale.ts'

export const liftNormShift = rule({
  id: 'lift-norm-shift',
  summary: 'A term after a scaled layer normalization, one for each place of the axes it normalizes, belongs to it.',
  fidelity: 'rounding',
  pattern: op('Add', [op('lathe.Norm', [any('x'), constant('scale')], 'norm'), constant('shift')]),
  rewrite({ x, norm, scale, shift }, draft) {
    if (textOf(norm, 'kind', '') !== 'layer') return reject('an RMS normalization has no shift', norm)
    const own = affineOf(shift, norm, draft)
    if (own === null) return reject('the term has another shape than the normalized axes', shift)
    return draft.op('lathe.Norm', [x, scale, own], norm.attributes)
  },
})
