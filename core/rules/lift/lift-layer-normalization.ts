import { float, int, text } from '../../ir/attributes.ts'
import { any, maybe, oneOf, op, orAbsent, scalar, through } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { dtypeOf } from '../../shapes/shape-facts.ts'
import { normalizedAxis } from './normalized-axes.ts'

const keep = { keepdims: orAbsent(1) }
const mean = op('ReduceMean', [any('x'), maybe(any())], { name: 'mean', attributes: keep })
/** x - mean; exporters compute it once or twice. */
const centred = through('Cast', op('Sub', [any('x'), mean]))
const distance = oneOf(centred, op('Sub', [mean, any('x')]))
const squared = oneOf(op('Pow', [distance, scalar(2)]), op('Mul', [distance, distance]))
const variance = op('ReduceMean', [squared, maybe(any())], { name: 'variance', attributes: keep })
/** An epsilon that half floats rounded to 0 is gone once no-ops are. */
const deviation = op('Sqrt', [oneOf(op('Add', [variance, scalar('epsilon')]), variance)])
/** What TensorFlow multiplies x and mean with: scale over deviation. */
const factor = oneOf(
  op('Mul', [oneOf(op('Reciprocal', [deviation]), op('Div', [scalar(1), deviation])), any('scale')], 'factor'),
  op('Div', [any('scale'), deviation], 'factor'),
  op('Reciprocal', [deviation], 'factor'),
)
const scaled = op('Mul', [any('x'), any('multiplied')])
const scaledMean = op('Mul', [mean, factor])

export const liftLayerNormalization = rule({
  id: 'lift-layer-normalization',
  summary: 'The distance from the mean over the deviation is a layer normalization, also where both are multiplied out.',
  fidelity: 'rounding',
  pattern: oneOf(
    op('Div', [centred, deviation]),
    op('Mul', [centred, op('Reciprocal', [deviation])]),
    op('Mul', [centred, op('Div', [scalar(1), deviation])]),
    op('Add', [scaled, op('Sub', [any('shift'), scaledMean])]),
    op('Sub', [scaled, scaledMean]),
  ),
  rewrite({ x, mean, variance, epsilon, factor, multiplied, scale, shift }, draft) {
    if (multiplied !== factor?.outputs[0]) return reject('value and mean are multiplied with different factors', factor ?? null)
    const [axis, other] = [normalizedAxis(mean), normalizedAxis(variance)]
    if (typeof axis === 'string') return reject(axis, mean)
    if (axis !== other) return reject('mean and variance run over different axes', variance)
    if (dtypeOf(x) !== dtypeOf(draft.root.outputs[0] as typeof x)) return reject('the type changes between mean and deviation', x)
    const norm = draft.op('lathe.Norm', [x], { kind: text('layer'), axis: int(axis), epsilon: float(epsilon ?? 0) })
    const times = scale === undefined ? norm : draft.op('Mul', [norm, scale])
    return shift === undefined ? times : draft.op('Add', [times, shift])
  },
})
