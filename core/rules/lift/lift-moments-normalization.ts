import { float, int, text } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf, rankOf } from '../../shapes/shape-facts.ts'
import { dividesByCount, isAlong, meanSquare, views } from './moments.ts'
import { normalizedAxis } from './normalized-axes.ts'

const total = op('ReduceSum', [any('x'), maybe(any())], 'sum')
const mean = oneOf(
  op('Mul', [total, scalar('share')], 'mean'),
  op('Div', [total, scalar('count')], 'mean'),
  op('ReduceMean', [any('x'), maybe(any())], 'mean'),
)
const squareMean = oneOf(op('Mul', [mean, mean]), op('Pow', [mean, scalar(2)]))
const difference = op('Sub', [meanSquare, squareMean])
const spreadMean = oneOf(mean, op(views, [mean, maybe(any())], 'meanView'))
const centred = op('Sub', [any('x'), spreadMean])
const distances = op('ReduceSum', [oneOf(op('Mul', [centred, centred]), op('Pow', [centred, scalar(2)])), maybe(any())], 'squares')
const variance = oneOf(
  // Rounding may make the difference of two positive numbers negative.
  op('Max', [difference, scalar(0)]),
  op('Relu', [difference]),
  difference,
  op('Mul', [distances, scalar('squareShare')]),
  op('Div', [distances, scalar('squareCount')]),
)
const epsilonAdded = op('Add', [oneOf(variance, op(views, [variance, maybe(any())])), scalar('epsilon')])
const deviation = op('Sqrt', [epsilonAdded], 'deviation')
const spreadDeviation = oneOf(deviation, op(views, [deviation, maybe(any())], 'deviationView'))
const inverse = oneOf(op('Reciprocal', [deviation], 'inverse'), op('Div', [scalar(1), deviation], 'inverse'))
const spreadInverse = oneOf(inverse, op(views, [inverse, maybe(any())], 'inverseView'))
/** One over the deviation, times a scale where there is one. */
const factor = oneOf(op('Mul', [spreadInverse, constant('scale')], 'factor'), spreadInverse)
const scaled = op('Mul', [any('x'), any('multiplied')])
const scaledMean = op('Mul', [spreadMean, factor])

/**
 * Layer normalization as Flax writes it (Keras on JAX too): means as sums over a number, the scale multiplied with one over the deviation first, and
 * unless told otherwise (`use_fast_variance`) a variance of E[x^2] - E[x]^2. In real numbers it is the same. In floats that variance loses digits where the mean is large
 * against the deviation and the operator's does not, so that outputs move by as much as they were off: a model that this moves further than
 * rounding may is moved as far by its own last digits.
 */
export const liftMomentsNormalization = rule({
  id: 'lift-moments-normalization',
  summary:
    'The distance from the mean over a deviation is a layer normalization, also where the variance is a difference of means and means are sums over a number.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Mul', [centred, factor]),
    op('Div', [centred, spreadDeviation]),
    op('Add', [scaled, op('Sub', [any('shift'), scaledMean])]),
    op('Sub', [scaled, scaledMean]),
  ),
  rewrite(found, draft) {
    const { x, sum, mean, meanView, squares, deviation, deviationView, inverse, inverseView, factor, multiplied, scale, shift } = found
    const [summed, spread] = [sum ?? mean, outputOf(inverseView ?? inverse ?? deviationView ?? deviation)]
    if (multiplied !== undefined && multiplied !== (factor === undefined ? spread : outputOf(factor)))
      return reject('value and mean are multiplied with different factors', factor ?? inverse)
    const [axis, other] = [normalizedAxis(summed), normalizedAxis(squares)]
    if (typeof axis === 'string') return reject(axis, summed)
    if (axis !== other) return reject('the means of values and of their squares run over different axes', squares)
    if (!dividesByCount(found, x, axis)) return reject('a sum is not divided by the number of what it sums', mean)
    for (const statistic of [outputOf(meanView ?? mean), spread])
      if (!isAlong(statistic, x, axis)) return reject('mean and deviation are not known to stand where they were taken', statistic)
    if (dtypeOf(x) !== dtypeOf(outputOf(draft.root))) return reject('the type changes between mean and deviation', x)
    if (scale !== undefined && (rankOf(scale) ?? 0) > (rankOf(x) ?? 0)) return reject('the scale has more axes than the value', scale)
    const norm = draft.op('lathe.Norm', [x], { kind: text('layer'), axis: int(axis), epsilon: float(found.epsilon) })
    const times = scale === undefined ? norm : draft.op('Mul', [norm, scale])
    return shift === undefined ? times : draft.op('Add', [times, shift])
  },
})

const outputOf = (node: Node): Value => node.outputs[0] as Value
