import { Axes } from '../../axes/axes.ts'
import { floatOf } from '../../ir/attributes.ts'
import { tensorFrom } from '../../ir/numbers.ts'
import type { Node, Value } from '../../ir/value.ts'
import { any, constant, maybe, oneOf, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { rankOf } from '../../shapes/shape-facts.ts'
import { affineOf, columnChannel, scaled } from './channels.ts'
import { objectionTo, statistics } from './fuse-batchnorm-into-conv.ts'

const views = ['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']
const product = op('MatMul', [any('x'), constant('weight')], 'product')
const viewed = op(views, [product, maybe(any())])
const source = oneOf(product, viewed, op(views, [viewed, maybe(any())]))

export const fuseBatchnormIntoMatmul = rule({
  id: 'fuse-batchnorm-into-matmul',
  summary: 'Folds a BatchNormalization into the weights of the MatMul before it, also where views lie between them.',
  fidelity: 'rounding',
  pattern: op('BatchNormalization', [source, ...statistics], 'norm'),
  rewrite({ x, weight, product, norm, ...constants }, draft) {
    const objection = objectionTo(norm)
    if (objection !== null) return objection
    if (weight.constant.ref.dims.length !== 2) return reject('the weights are no matrix', weight)
    if (!holdsColumns(norm.inputs[0] as Value, product))
      return reject('the channels of the normalization are not known to be the columns of the weights', norm)
    const affine = affineOf(constants, floatOf(norm, 'epsilon', 1e-5))
    const columns = affine.factor.length
    const w = draft.constant(scaled(weight.constant, affine.factor, columnChannel(columns)), weight.name)
    const b = draft.constant(tensorFrom(weight.constant.ref.dtype, [columns], affine.term), constants.shift.name)
    const by = rankOf(x) === 2 ? draft.op('Gemm', [x, w, b]) : draft.op('Add', [draft.op('MatMul', [x, w]), b])
    const [before, after] = [product.outputs[0] as Value, norm.outputs[0] as Value]
    if (norm.inputs[0] === before) return by
    return {
      replace: [
        { old: before, by },
        { old: after, by: norm.inputs[0] as Value },
      ],
    }
  },
})

/** Whether the second axis of a value holds the columns of the product behind views of it, all of them. */
function holdsColumns(value: Value, product: Node): boolean {
  const chain: Node[] = []
  for (let node = value.producer; node !== null && node !== product; node = node.inputs[0]?.producer ?? null) chain.unshift(node)
  const axes = new Axes()
  for (const node of [product, ...chain]) axes.follow(node)
  return axes.same({ value, axis: 1 }, { value: product.outputs[0] as Value, axis: -1 })
}
