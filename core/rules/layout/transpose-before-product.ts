import { ints, intsOf } from '../../ir/attributes.ts'
import { countOf } from '../../ir/tensor.ts'
import type { Value } from '../../ir/value.ts'
import { any, op } from '../../rewrite/pattern.ts'
import { reject, rule } from '../../rewrite/rule.ts'
import { shapeOf } from '../../shapes/shape-facts.ts'

/** Constants up to this size are transposed ahead. */
const smallEnough = 4096

export const transposeBeforeProduct = rule({
  id: 'transpose-before-product',
  summary:
    'A transposed sum or product of two values moves no data when each of them is transposed before: constants, and values with one long axis.',
  fidelity: 'exact',
  pattern: op('Transpose', [op(['Mul', 'Add'], [any('a'), any('b')], 'inner')], 'transpose'),
  rewrite({ a, b, inner, transpose }, draft) {
    const perm = intsOf(transpose, 'perm')
    const same = shapeOf(a)?.length === perm?.length && shapeOf(b)?.length === perm?.length
    if (perm === null || !same) return reject('the values have not the same rank', inner)
    if (![a, b].every((value) => isFree(value, perm))) return reject('transposing an input moves data as well', inner)
    return draft.op(
      inner.opType,
      [a, b].map((value) => draft.op('Transpose', [value], { perm: ints(perm) })),
    )
  },
})

/** Whether a transpose of a value costs nothing when the model runs. */
function isFree(value: Value, perm: readonly number[]): boolean {
  if (value.constant !== null) return countOf(value.constant.ref.dims) <= smallEnough
  const long = perm.filter((axis) => shapeOf(value)?.[axis] !== 1)
  return long.every((axis, i) => i === 0 || axis > (long[i - 1] as number))
}
