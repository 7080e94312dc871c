import { float32Tensor, numbersOf, tensorFrom } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import type { ConstantValue } from '../../rewrite/pattern.ts'
import { type Rejection, reject } from '../../rewrite/rule.ts'
import { addKernel, geometryOf, placeIn } from './kernels.ts'

/** A convolution that is summed with others of the same value. */
export interface Branch {
  readonly conv: Node
  readonly weight: ConstantValue
  readonly bias: ConstantValue | null
}

/** One convolution of `x` that is the sum of two, or why there is none. */
export function mergedBranches(draft: Draft, x: Value, [one, two]: readonly [Branch, Branch]): Value | Rejection {
  const [first, second] = [one, two].map(({ conv, weight }) => geometryOf(conv, weight.constant))
  if (!first || !second) return reject('a convolution is not two-dimensional or pads to keep the size', (first ? two : one).conv)
  if (one.weight.constant.ref.dims[0] !== two.weight.constant.ref.dims[0]) return reject('the sum broadcasts', two.conv)
  const inFirst = placeIn(first, second)
  const inSecond = inFirst === null ? placeIn(second, first) : null
  const place = inFirst ?? inSecond
  if (place === null) return reject('strides or groups differ, or no kernel lies inside of the other', two.conv)
  const [large, small, gaps] = inFirst === null ? [two, one, first.dilations] : [one, two, second.dilations]
  const weights = addKernel(large.weight.constant, small.weight.constant, { place, gaps })
  const inputs = [x, draft.constant(float32Tensor(large.weight.constant.ref.dims, weights), large.weight.name)]
  const biases = [one.bias, two.bias].flatMap((bias) => (bias === null ? [] : [numbersOf(bias.constant)]))
  if (biases.length > 0) {
    const sum = (biases[0] as Float64Array).map((value, i) => value + (biases[1]?.[i] ?? 0))
    inputs.push(draft.constant(tensorFrom('float32', [sum.length], sum), (one.bias ?? two.bias)?.name))
  }
  return draft.op('Conv', inputs, large.conv.attributes)
}
