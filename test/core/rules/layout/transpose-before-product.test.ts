import { describe, it } from 'vitest'
import { transposeBeforeProduct } from '../../../../core/rules/layout/transpose-before-product.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('transpose-before-product', () => {
  it('transposes constants and vectors instead', () =>
    checkRule(transposeBeforeProduct, {
      before: `(x: float32[1, 1, n]) -> (y)
m = Mul(float32[1, 4, 1], x)
y = Transpose(m) {perm: [0, 2, 1]}`,
      after: `a = Transpose(float32[1, 4, 1]) {perm: [0, 2, 1]}
b = Transpose(x) {perm: [0, 2, 1]}
y = Mul(a, b)`,
    }))

  it('leaves matrices', () =>
    checkRejects(
      transposeBeforeProduct,
      `(x: float32[3, 4], z: float32[3, 4]) -> (y)
m = Mul(x, z)
y = Transpose(m) {perm: [1, 0]}`,
      'transposing an input moves data as well',
    ))
})
