import { text } from '../../ir/attributes.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

/** Constants that were half floats keep three to four digits. */
const digits = 5e-4
const factor = scalar(Math.sqrt(2 / Math.PI), digits)
const cubic = scalar(0.044715, digits)

/** x * x * x, however it is written. */
const cube = oneOf(op('Pow', [any('x'), scalar(3)]), op('Mul', [op('Mul', [any('x'), any('x')]), any('x')]))
/** 0.044715 * x * x, however it is written. */
const square = oneOf(
  op('Mul', [op('Mul', [any('x'), cubic]), any('x')]),
  op('Mul', [oneOf(op('Mul', [any('x'), any('x')]), op('Pow', [any('x'), scalar(2)])), cubic]),
)

const tanh = op('Tanh', [
  oneOf(
    op('Mul', [op('Add', [any('x'), op('Mul', [cube, cubic])]), factor]),
    op('Mul', [op('Mul', [any('x'), factor]), op('Add', [square, scalar(1)])]),
    op('Mul', [op('Mul', [any('x'), op('Add', [square, scalar(1)])]), factor]),
  ),
])
const onePlus = op('Add', [tanh, scalar(1)])

export const liftGeluTanh = rule({
  id: 'lift-gelu-tanh',
  summary: 'x * 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))), in any order, is the tanh form of GELU.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Mul', [op('Mul', [any('x'), scalar(0.5)]), onePlus]),
    op('Mul', [op('Mul', [any('x'), onePlus]), scalar(0.5)]),
    op('Mul', [any('x'), op('Mul', [onePlus, scalar(0.5)])]),
    op('Mul', [any('x'), op('Add', [op('Mul', [tanh, scalar(0.5)]), scalar(0.5)])]),
  ),
  rewrite: ({ x }, draft) => draft.op('lathe.Activation', [x], { kind: text('gelu-tanh') }),
})
