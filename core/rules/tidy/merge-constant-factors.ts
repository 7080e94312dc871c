import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { combined } from './combined.ts'

const inner = oneOf(op('Mul', [any('x'), constant('a')], 'times'), op('Div', [any('x'), constant('a')], 'over'))

export const mergeConstantFactors = rule({
  id: 'merge-constant-factors',
  summary: 'Multiplications and divisions by constants in a row are one.',
  fidelity: 'rounding',
  pattern: oneOf(op('Mul', [inner, constant('b')]), op('Div', [inner, constant('b')])),
  rewrite({ x, a, b, over }, draft) {
    const divides = draft.root.opType === 'Div'
    const merged =
      over === undefined
        ? combined(a.constant, b.constant, (p, q) => (divides ? p / q : p * q))
        : combined(a.constant, b.constant, (p, q) => (divides ? p * q : q / p))
    if (merged === null) return reject('the constants are large, or no floats', b)
    return draft.op(over !== undefined && divides ? 'Div' : 'Mul', [x, draft.constant(merged, b.name)])
  },
})
