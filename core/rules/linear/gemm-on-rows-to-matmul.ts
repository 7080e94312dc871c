import { floatOf, intOf, ints } from '../../ir/attributes.ts'
import { float32Tensor, floatsOf } from '../../ir/numbers.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Node, Value } from '../../ir/value.ts'
import type { Draft } from '../../rewrite/draft.ts'
import { any, constant, maybe, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { notUndone } from './rows.ts'

/**
 * GPT-2's exporters flatten [batch, length, hidden] to rows, multiply by a Gemm and put the axes back by sizes they compute:
 * MatMul takes the axes as they are.
 */
export const gemmOnRowsToMatmul = rule({
  id: 'gemm-on-rows-to-matmul',
  summary: 'A Gemm between a flattening and its undoing is a MatMul on all axes, and an Add.',
  fidelity: 'rounding',
  pattern: op(
    'Reshape',
    [
      op('Gemm', [op('Reshape', [any('x'), any()], { name: 'rows', shared: true }), constant('weight'), maybe(constant('bias'))], 'gemm'),
      any(),
    ],
    'out',
  ),
  rewrite({ x, weight, bias, gemm, out, rows }, draft) {
    const why = notUndone({ x, rows, out })
    if (why !== null) return why
    if (intOf(gemm, 'transA', 0) !== 0 || floatOf(gemm, 'alpha', 1) !== 1 || floatOf(gemm, 'beta', 1) !== 1)
      return reject('the Gemm scales or transposes its input', gemm)
    const product = draft.op('MatMul', [x, matrixOf(weight, gemm, draft)], {}, { name: gemm.name })
    return bias === null ? product : draft.op('Add', [product, bias])
  },
})

function matrixOf(weight: Value & { constant: Tensor }, gemm: Node, draft: Draft): Value {
  if (intOf(gemm, 'transB', 0) === 0) return weight
  if (weight.constant.ref.dtype !== 'float32') return draft.op('Transpose', [weight], { perm: ints([1, 0]) })
  const [rows = 0, columns = 0] = weight.constant.ref.dims
  const source = floatsOf(weight.constant)
  const turned = new Float32Array(source.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = source[row * columns + column] as number
  return draft.constant(float32Tensor([columns, rows], turned), weight.name)
}
