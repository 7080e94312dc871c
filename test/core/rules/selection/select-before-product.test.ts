import { describe, it } from 'vitest'
import { selectBeforeProduct } from '../../../../core/rules/selection/select-before-product.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, length, 4]) -> (y)
m = MatMul(x, float32[4, 8])
y = Gather(m, int64[] {0}) {axis: 1}`

describe('select-before-product', () => {
  it('multiplies only the rows that are read', () =>
    checkRule(selectBeforeProduct, {
      before,
      after: `p = Gather(x, int64[1] {0}) {axis: 1}
m = MatMul(p, float32[4, 8])
y = Squeeze(m, int64[1] {1})`,
    }))

  it('does so in products of two computed values, along the rows', () =>
    checkRule(selectBeforeProduct, {
      before: `(x: float32[length, 4], z: float32[3, 4, 8]) -> (y)
m = MatMul(x, z)
y = Gather(m, int64[1] {-1}) {axis: -2}`,
      after: `p = Gather(x, int64[1] {-1}) {axis: 0}
y = MatMul(p, z)`,
    }))

  it('sees through axes that a Slice keeps whole', () =>
    checkRule(selectBeforeProduct, {
      before: before.replace(
        'Gather(m, int64[] {0}) {axis: 1}',
        'Slice(m, int64[2] {0, 0}, int64[2] {9223372036854775807, 1}, int64[2] {0, 1}, int64[2] {1, 1})',
      ),
      after: `p = Slice(x, int64[1] {0}, int64[1] {1}, int64[1] {1})
y = MatMul(p, float32[4, 8])`,
    }))

  it('keeps to the operator set of the model, in which the axes of a Squeeze may be an attribute', () =>
    checkRule(selectBeforeProduct, {
      before,
      after: `p = Gather(x, int64[1] {0}) {axis: 1}
m = MatMul(p, float32[4, 8])
y = Squeeze(m) {axes: [1]}`,
      opsets: 'opset 12',
    }))

  it('writes bounds of one type, where those of a Slice have 32 bits or mean the end', async () => {
    await checkRule(selectBeforeProduct, {
      before: before.replace('Gather(m, int64[] {0}) {axis: 1}', 'Slice(m, int32[1] {0}, int32[1] {1}, int32[1] {1})'),
      after: `p = Slice(x, int64[1] {0}, int64[1] {1}, int64[1] {1})
y = MatMul(p, float32[4, 8])`,
    })
    await checkRule(selectBeforeProduct, {
      before: before
        .replace('length', '5')
        .replace(
          'Gather(m, int64[] {0}) {axis: 1}',
          'Slice(m, int64[2] {0, -2}, int64[2] {9223372036854775807, 9223372036854775807}, int64[2] {0, 1})',
        ),
      after: `p = Slice(x, int64[1] {-2}, int64[1] {9223372036854775807}, int64[1] {1})
y = MatMul(p, float32[4, 8])`,
    })
  })

  it('leaves a selection of columns, or among products', async () => {
    await checkRejects(selectBeforeProduct, before.replace('axis: 1', 'axis: 2'), 'it selects columns')
    await checkRejects(
      selectBeforeProduct,
      `(x: float32[3, 5, 4], z: float32[3, 4, 8]) -> (y)
m = MatMul(x, z)
y = Gather(m, int64[1] {1}) {axis: 0}`,
      'it selects among products',
    )
  })

  it('leaves positions that are computed, and more than there are', async () => {
    await checkRejects(
      selectBeforeProduct,
      before.replace('(x: float32[2, length, 4])', '(x: float32[2, length, 4], at: int64[1])').replace('int64[] {0}', 'at'),
      "the input 'at' is no constant",
    )
    await checkRejects(selectBeforeProduct, before.replace('int64[] {0}', 'int64[2] {0, 1}'), 'it leaves nothing out')
    await checkRejects(selectBeforeProduct, before.replace('length', '5').replace('int64[] {0}', 'int64[0] {}'), 'it takes nothing')
  })
})
