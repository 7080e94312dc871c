import { text } from '../../ir/attributes.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

/** Exporters write the root of 2 with four digits or more, or as a half float. */
const digits = 2e-4

const erf = op('Erf', [oneOf(op('Div', [any('x'), scalar(Math.SQRT2, digits)]), op('Mul', [any('x'), scalar(Math.SQRT1_2, digits)]))])
const onePlus = op('Add', [erf, scalar(1)])

export const liftGelu = rule({
  id: 'lift-gelu',
  summary: 'x * 0.5 * (1 + erf(x / sqrt(2))), in any order, is a GELU.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Mul', [op('Mul', [any('x'), onePlus]), scalar(0.5)]),
    op('Mul', [op('Mul', [any('x'), scalar(0.5)]), onePlus]),
    op('Mul', [any('x'), op('Mul', [onePlus, scalar(0.5)])]),
    op('Div', [op('Mul', [any('x'), onePlus]), scalar(2)]),
  ),
  rewrite: ({ x }, draft) => draft.op('lathe.Activation', [x], { kind: text('gelu') }),
})
