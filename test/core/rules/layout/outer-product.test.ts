import { describe, it } from 'vitest'
import { outerProduct } from '../../../../core/rules/layout/outer-product.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('outer-product', () => {
  it('multiplies', () =>
    checkRule(outerProduct, {
      before: `(x: float32[2, 5, 1], z: float32[1, 1, 7]) -> (y)
y = MatMul(x, z)`,
      after: `y = Mul(x, z)`,
    }))

  it('leaves sums', () =>
    checkRejects(
      outerProduct,
      `(x: float32[2, 5, 3], z: float32[3, 7]) -> (y)
y = MatMul(x, z)`,
      'the axis is longer than 1',
    ))
})
