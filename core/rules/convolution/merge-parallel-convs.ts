import { float32Tensor, numbersOf, tensorFrom } from '../../ir/numbers.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { addKernel, geometryOf, placeIn } from './kernels.ts'

const branch = <W extends string, B extends string, N extends string>(weight: W, bias: B, name: N) =>
  op('Conv', [any('x'), constant(weight), maybe(constant(bias))], name)

export const mergeParallelConvs = rule({
  id: 'merge-parallel-convs',
  summary: 'The sum of two convolutions of the same value is one convolution: the smaller kernel lies inside of the larger.',
  fidelity: 'rounding',
  pattern: op('Add', [branch('w1', 'b1', 'first'), branch('w2', 'b2', 'second')]),
  rewrite({ x, w1, b1, first, w2, b2, second }, draft) {
    const [one, two] = [geometryOf(first, w1.constant), geometryOf(second, w2.constant)]
    if (one === null || two === null)
      return reject('a convolution is dilated, not two-dimensional or pads to keep the size', one === null ? first : second)
    if (w1.constant.ref.dims[0] !== w2.constant.ref.dims[0]) return reject('the sum broadcasts', second)
    const inSecond = placeIn(two, one)
    const inFirst = inSecond === null ? placeIn(one, two) : null
    const place = inSecond ?? inFirst
    if (place === null) return reject('strides or groups differ, or no kernel lies inside of the other', second)
    const [large, small, node] = inFirst === null ? [w2, w1, second] : [w1, w2, first]
    const weights = float32Tensor(large.constant.ref.dims, addKernel(large.constant, small.constant, place))
    const inputs = [x, draft.constant(weights, large.name)]
    const biases = [b1, b2].flatMap((bias) => (bias === null ? [] : [numbersOf(bias.constant)]))
    if (biases.length > 0) {
      const sum = (biases[0] as Float64Array).map((value, i) => value + (biases[1]?.[i] ?? 0))
      inputs.push(draft.constant(tensorFrom('float32', [sum.length], sum), b1?.name ?? b2?.name))
    }
    return draft.op('Conv', inputs, node.attributes)
  },
})
