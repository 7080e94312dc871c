import { float, int, intOf, text } from '../../ir/attributes.ts'
import type { Value } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { dividesByCount, isAlong, meanSquare, views } from './moments.ts'
import { normalizedAxis } from './normalized-axes.ts'

const spreadMean = oneOf(meanSquare, op(views, [meanSquare, maybe(any())], 'meanView'))
/** An epsilon that half floats rounded to 0 is gone once no-ops are. */
const size = op('Sqrt', [oneOf(op('Add', [spreadMean, scalar('epsilon')]), spreadMean)], 'size')
const spreadSize = oneOf(size, op(views, [size, maybe(any())], 'sizeView'))
const inverse = oneOf(op('Reciprocal', [size], 'inverse'), op('Div', [scalar(1), size], 'inverse'))
const spreadInverse = oneOf(inverse, op(views, [inverse, maybe(any())], 'inverseView'))

export const liftRmsNormalization = rule({
  id: 'lift-rms-normalization',
  summary: 'A value over the root of its mean square is an RMS normalization.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Div', [any('x'), spreadSize]),
    op('Mul', [any('x'), spreadInverse]),
    op('Mul', [any('x'), op('Mul', [spreadInverse, constant('scale')])]),
  ),
  rewrite(found, draft) {
    const { x, squares, size, sizeView, meanView, inverse, inverseView, epsilon, scale } = found
    const axis = normalizedAxis(squares)
    if (typeof axis === 'string') return reject(axis, squares)
    if (!dividesByCount(found, x, axis)) return reject('a sum is not divided by the number of what it sums', squares)
    const spread = (inverseView ?? inverse ?? sizeView ?? size).outputs[0] as Value
    const moves = intOf(squares, 'keepdims', 1) === 0 || (inverseView ?? sizeView ?? meanView) !== undefined
    if (moves && !isAlong(spread, x, axis)) return reject('the root is not known to stand where its mean was taken', spread)
    if (scale !== undefined && (rankOf(scale) ?? 0) > (rankOf(x) ?? 0)) return reject('the scale has more axes than the value', scale)
    const norm = draft.op('lathe.Norm', [x], { kind: text('rms'), axis: int(axis), epsilon: float(epsilon ?? 0) })
    return scale === undefined ? norm : draft.op('Mul', [norm, scale])
  },
})
