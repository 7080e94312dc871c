import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { combined } from './combined.ts'

const inner = oneOf(op('Add', [any('x'), constant('a')], 'plus'), op('Sub', [any('x'), constant('a')], 'minus'))

export const mergeConstantTerms = rule({
  id: 'merge-constant-terms',
  summary: 'Additions and subtractions of constants in a row are one.',
  fidelity: 'rounding',
  pattern: oneOf(op('Add', [inner, constant('b')]), op('Sub', [inner, constant('b')])),
  rewrite({ x, a, b, minus }, draft) {
    const [p, q] = [minus === undefined ? 1 : -1, draft.root.opType === 'Add' ? 1 : -1]
    const merged = combined(a.constant, b.constant, (first, second) => p * first + q * second)
    return merged === null ? reject('the constants are large, or no floats', b) : draft.op('Add', [x, draft.constant(merged, b.name)])
  },
})
