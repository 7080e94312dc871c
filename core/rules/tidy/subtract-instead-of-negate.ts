import { any, oneOf, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

export const subtractInsteadOfNegate = rule({
  id: 'subtract-instead-of-negate',
  summary: 'Adding a negated value is a subtraction, subtracting one an addition.',
  fidelity: 'exact',
  pattern: oneOf(op('Add', [any('x'), op('Neg', [any('y')])]), op('Sub', [any('x'), op('Neg', [any('y')])])),
  rewrite: ({ x, y }, draft) => draft.op(draft.root.opType === 'Add' ? 'Sub' : 'Add', [x, y]),
})
