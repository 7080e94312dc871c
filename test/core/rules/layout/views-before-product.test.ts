import { describe, it } from 'vitest'
import { viewsBeforeProduct } from '../../../../core/rules/layout/views-before-product.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('views-before-product', () => {
  it('drops leading axes before', () =>
    checkRule(viewsBeforeProduct, {
      before: `(x: float32[1, n, 1]) -> (y)\nm = Mul(x, float32[1, 1, 4])\ny = Reshape(m, int64[2] {-1, 4})`,
      after: `a = Reshape(x, int64[2] {-1, 1})\nb = Reshape(float32[1, 1, 4], int64[2] {1, 4})\ny = Mul(a, b)`,
    }))

  it('leaves views that join axes', () =>
    checkRejects(
      viewsBeforeProduct,
      `(x: float32[2, n, 1]) -> (y)\nm = Mul(x, float32[1, 1, 4])\ny = Reshape(m, int64[2] {-1, 4})`,
      'does more than drop',
    ))

  it('leaves two values that both would need a view', () =>
    checkRejects(
      viewsBeforeProduct,
      `(x: float32[1, n, 1], z: float32[1, 1, 4]) -> (y)\nm = Mul(x, z)\ny = Reshape(m, int64[2] {-1, 4})`,
      'both values would need a view',
    ))
})
