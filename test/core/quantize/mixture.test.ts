import { expect, it } from 'vitest'
import { unitsOf } from '../../../core/quantize/mixture.ts'
import { modelOf } from '../../support/graph.ts'

it('query, key and value move together, also where the query is computed for one position alone', () => {
  const sizes = (query: string) => {
    const model = modelOf(`(x: float32[n, 8, 64]) -> (y: float32[n, 8, 64])
      some = ${query}
      q = MatMul(some, float32[64, 64])
      k = MatMul(x, float32[64, 64])
      v = MatMul(x, float32[64, 64])
      y = Sum(q, k, v)`)
    return unitsOf(model, new Set(), true).map(({ nodes }) => nodes.length)
  }
  expect(sizes('Gather(x, int64[1] {0}) {axis: 1}')).toEqual([3])
  expect(sizes('Slice(x, int64[1] {0}, int64[1] {1}, int64[1] {-2})')).toEqual([3])
  expect(sizes('Gather(x, int64[64]) {axis: -1}')).toEqual([1, 2])
  expect(sizes('Slice(x, int64[1] {0}, int64[1] {64}, int64[1] {2})')).toEqual([1, 2])
  expect(sizes('Relu(x)')).toEqual([1, 2])
})
