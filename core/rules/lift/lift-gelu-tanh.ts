import { text } from '../../ir/attributes.ts'
import { any, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'

/** Constants that were half floats keep three to four digits. */
const digits = 5e-4
const factor = scalar(Math.sqrt(2 / Math.PI), digits)
const cubic = scalar(0.044715, digits)

// Products of x and the cubic factor, in whichever order they are multiplied.
const square = oneOf(op('Mul', [any('x'), any('x')]), op('Pow', [any('x'), scalar(2)]))
const cube = oneOf(op('Pow', [any('x'), scalar(3)]), op('Mul', [square, any('x')]))
const scaled = op('Mul', [any('x'), cubic])
const scaledSquare = oneOf(op('Mul', [scaled, any('x')]), op('Mul', [square, cubic]))
const scaledCube = oneOf(op('Mul', [cube, cubic]), op('Mul', [scaledSquare, any('x')]), op('Mul', [square, scaled]))

const tanh = op('Tanh', [
  oneOf(
    op('Mul', [op('Add', [any('x'), scaledCube]), factor]),
    op('Mul', [op('Mul', [any('x'), factor]), op('Add', [scaledSquare, scalar(1)])]),
    op('Mul', [op('Mul', [any('x'), op('Add', [scaledSquare, scalar(1)])]), factor]),
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
