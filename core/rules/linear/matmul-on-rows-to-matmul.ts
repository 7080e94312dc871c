import { any, type Condition, type ConstantValue, constant, op } from '../../rewrite/pattern.ts'
import { rule } from '../../rewrite/rule.ts'
import { notUndone } from './rows.ts'

const isMatrix: Condition<ConstantValue> = ({ constant: { ref } }) => ref.dims.length === 2 || 'the weights are several matrices'

const product = op('MatMul', [op('Reshape', [any('x'), any()], { name: 'rows', shared: true }), constant('weight', isMatrix)], 'product')

/** TensorFlow's exporters flatten [batch, length, hidden] to rows for each product, and put the axes back: MatMul takes the axes as they are. */
export const matmulOnRowsToMatmul = rule({
  id: 'matmul-on-rows-to-matmul',
  summary: 'A MatMul between a flattening and its undoing takes all axes as they are.',
  fidelity: 'rounding',
  pattern: op('Reshape', [product, any()], 'out'),
  rewrite({ x, weight, product, out, rows }, draft) {
    return notUndone({ x, rows, out }) ?? draft.op('MatMul', [x, weight], {}, { name: product.name })
  },
})
