import { float, text } from '../../ir/attributes.ts'
import { scalarOf } from '../../rewrite/equality.ts'
import { any, constant, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'

export const liftSilu = rule({
  id: 'lift-silu',
  summary: 'x * sigmoid(x) is a SiLU; with a factor inside, as in x * sigmoid(1.702 * x), a quick GELU.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Mul', [any('x'), op('Sigmoid', [any('x')])]),
    op('Mul', [any('x'), op('Sigmoid', [op('Mul', [any('x'), constant('factor')])])]),
  ),
  rewrite({ x, factor }, draft) {
    const alpha = factor === undefined ? 1 : scalarOf(factor.constant)
    if (alpha === null) return reject('the factor is no single number', factor)
    return draft.op('lathe.Activation', [x], { kind: text('silu'), alpha: float(alpha) })
  },
})
