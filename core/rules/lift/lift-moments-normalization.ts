import { float, int, text } from '../../ir/attributes.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op, scalar } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { productOf, sameDim } from '../../shapes/dim.ts'
import { dtypeOf, rankOf, shapeOf } from '../../shapes/shape-facts.ts'
import { normalizedAxis } from './normalized-axes.ts'

/** What puts the axes back that a sum took away. */
const views = ['Reshape', 'Unsqueeze']
const square = oneOf(op('Mul', [any('x'), any('x')]), op('Pow', [any('x'), scalar(2)]))
const total = op('ReduceSum', [any('x'), maybe(any())], 'sum')
const mean = oneOf(
  op('Mul', [total, scalar('share')], 'mean'),
  op('Div', [total, scalar('count')], 'mean'),
  op('ReduceMean', [any('x'), maybe(any())], 'mean'),
)
const totalSquare = oneOf(op('ReduceSum', [square, maybe(any())], 'squares'), op('ReduceSumSquare', [any('x'), maybe(any())], 'squares'))
const meanSquare = oneOf(
  op('Mul', [totalSquare, scalar('squareShare')]),
  op('Div', [totalSquare, scalar('squareCount')]),
  op('ReduceMean', [square, maybe(any())], 'squares'),
)
const squareMean = oneOf(op('Mul', [mean, mean]), op('Pow', [mean, scalar(2)]))
const difference = op('Sub', [meanSquare, squareMean])
/** Rounding may make the difference of two positive numbers negative. */
const variance = oneOf(op('Max', [difference, scalar(0)]), op('Relu', [difference]), difference)
const epsilonAdded = op('Add', [oneOf(variance, op(views, [variance, maybe(any())])), scalar('epsilon')])
const deviation = op('Sqrt', [epsilonAdded], 'deviation')
const spreadDeviation = oneOf(deviation, op(views, [deviation, maybe(any())], 'deviationView'))
const inverse = oneOf(op('Reciprocal', [deviation], 'inverse'), op('Div', [scalar(1), deviation], 'inverse'))
const spreadInverse = oneOf(inverse, op(views, [inverse, maybe(any())], 'inverseView'))
const spreadMean = oneOf(mean, op(views, [mean, maybe(any())], 'meanView'))
const centred = op('Sub', [any('x'), spreadMean])
/** One over the deviation, times a scale where there is one. */
const factor = oneOf(op('Mul', [spreadInverse, constant('scale')], 'factor'), spreadInverse)
const scaled = op('Mul', [any('x'), any('multiplied')])
const scaledMean = op('Mul', [spreadMean, factor])

/**
 * Layer normalization whose variance is E[x^2] - E[x]^2, as Flax writes it (`use_fast_variance`, Keras on JAX too), with a scale that is
 * multiplied with one over the deviation first. In real numbers it is the same. In floats that variance loses digits where the mean is large
 * against the deviation and the operator's does not, so that outputs move by as much as they were off: a model that this moves further than
 * rounding may is moved as far by its own last digits.
 */
export const liftMomentsNormalization = rule({
  id: 'lift-moments-normalization',
  summary: 'The distance from the mean over a deviation computed from the mean of squares is a layer normalization.',
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

interface Divisors {
  readonly share?: number
  readonly count?: number
  readonly squareShare?: number
  readonly squareCount?: number
}

/** Whether sums are divided by how many they sum up, as far as a float tells; means are by nature. */
function dividesByCount({ share, count, squareShare, squareCount }: Divisors, x: Value, axis: number): boolean {
  const divisors = [share && 1 / share, count, squareShare && 1 / squareShare, squareCount].filter((divisor) => divisor !== undefined)
  const size = productOf(shapeOf(x)?.slice(axis) ?? [null])
  return divisors.every((divisor) => typeof size === 'number' && Math.abs(divisor / size - 1) < 1e-6)
}

/** Whether a statistic over the last axes of a value, from `axis` on, has the others where the value has them. */
function isAlong(statistic: Value, x: Value, axis: number): boolean {
  const [own, whole] = [shapeOf(statistic), shapeOf(x)]
  if (own === null || whole === null || own.length !== whole.length) return false
  return own.every((dim, i) =>
    i >= whole.length + axis ? dim === 1 : sameDim(dim, whole[i] ?? null) || (dim === null && whole[i] === null),
  )
}
