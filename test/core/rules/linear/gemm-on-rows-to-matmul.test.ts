import { describe, it } from 'vitest'
import { gemmOnRowsToMatmul } from '../../../../core/rules/linear/gemm-on-rows-to-matmul.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('gemm-on-rows-to-matmul', () => {
  it('multiplies all axes at once', () =>
    checkRule(gemmOnRowsToMatmul, {
      before: `(x: float32[batch, seq, 8]) -> (y: float32[batch, seq, 6])
r = Reshape(x, int64[2] {-1, 8})
w = float32[8, 6]
b = float32[6]
g = Gemm(r, w, b)
y = Reshape(g, int64[3] {0, -1, 6})
`
        .replace('int64[3] {0, -1, 6}', 'd')
        .replace('y = Reshape', 's = Shape(x) {end: 2}\nd = Concat(s, int64[1] {6}) {axis: 0}\ny = Reshape'),
      after: `m = MatMul(x, float32[8, 6])
y = Add(m, float32[6])`,
    }))

  it('turns weights that were stored turned', () =>
    checkRule(gemmOnRowsToMatmul, {
      before: `(x: float32[2, 3, 8]) -> (y)
r = Reshape(x, int64[2] {-1, 8})
g = Gemm(r, float32[6, 8]) {transB: 1}
y = Reshape(g, int64[3] {2, 3, 6})`,
      after: 'y = MatMul(x, float32[8, 6])',
    }))

  it('leaves rows that come out in other axes', () =>
    checkRejects(
      gemmOnRowsToMatmul,
      `(x: float32[2, 3, 8]) -> (y)
r = Reshape(x, int64[2] {-1, 8})
g = Gemm(r, float32[8, 6])
y = Reshape(g, int64[3] {3, 2, 6})`,
      'the axes put back are not those that were flattened',
    ))
})
