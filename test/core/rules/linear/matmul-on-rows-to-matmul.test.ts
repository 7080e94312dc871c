import { describe, it } from 'vitest'
import { matmulOnRowsToMatmul } from '../../../../core/rules/linear/matmul-on-rows-to-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('matmul-on-rows-to-matmul', () => {
  it('multiplies all axes at once, also where several products read the rows', () =>
    checkRule(matmulOnRowsToMatmul, {
      before: `(x: float32[batch, 7, 8]) -> (y: float32[batch, 7, 6], z: float32[batch, 7, 4])
r = Reshape(x, int64[2] {-1, 8})
m = MatMul(r, float32[8, 6])
n = MatMul(r, float32[8, 4])
y = Reshape(m, int64[3] {-1, 7, 6})
z = Reshape(n, int64[3] {-1, 7, 4})`,
      after: `y = MatMul(x, float32[8, 6])
z = MatMul(x, float32[8, 4])`,
    }))

  it('leaves rows that come out in other axes', () =>
    checkRejects(
      matmulOnRowsToMatmul,
      `(x: float32[2, 3, 8]) -> (y)
r = Reshape(x, int64[2] {-1, 8})
m = MatMul(r, float32[8, 6])
y = Reshape(m, int64[3] {3, 2, 6})`,
      'the axes put back are not those that were flattened',
    ))

  it('leaves rows that are not the last axis', () =>
    checkRejects(
      matmulOnRowsToMatmul,
      `(x: float32[2, 3, 8]) -> (y)
r = Reshape(x, int64[2] {-1, 4})
m = MatMul(r, float32[4, 2])
y = Reshape(m, int64[3] {2, 3, 4})`,
      'the rows are not the last axis',
    ))

  it('leaves several matrices', () =>
    checkRejects(
      matmulOnRowsToMatmul,
      `(x: float32[2, 3, 8]) -> (y)
r = Reshape(x, int64[2] {-1, 8})
m = MatMul(r, float32[1, 8, 6])
y = Reshape(m, int64[3] {2, 3, 6})`,
      'the weights are several matrices',
    ))
})
