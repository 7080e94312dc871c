import { float, int, text } from '../../ir/attributes.ts'
import { any, maybe, oneOf, op, orAbsent, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { normalizedAxis } from './normalized-axes.ts'

const squared = oneOf(op('Pow', [any('x'), scalar(2)]), op('Mul', [any('x'), any('x')]))
const mean = op('ReduceMean', [squared, maybe(any())], { name: 'mean', attributes: { keepdims: orAbsent(1) } })
/** An epsilon that half floats rounded to 0 is gone once no-ops are. */
const size = op('Sqrt', [oneOf(op('Add', [mean, scalar('epsilon')]), mean)])

export const liftRmsNormalization = rule({
  id: 'lift-rms-normalization',
  summary: 'A value over the root of its mean square is an RMS normalization.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Div', [any('x'), size]),
    op('Mul', [any('x'), op('Reciprocal', [size])]),
    op('Mul', [any('x'), op('Div', [scalar(1), size])]),
  ),
  rewrite({ x, mean, epsilon }, draft) {
    const axis = normalizedAxis(mean)
    if (typeof axis === 'string') return reject(axis, mean)
    return draft.op('lathe.Norm', [x], { kind: text('rms'), axis: int(axis), epsilon: float(epsilon ?? 0) })
  },
})
