import { expect, it } from 'vitest'
import { selectionsIn } from '../../../core/measure/selections.ts'
import { modelOf } from '../../support/graph.ts'

it('finds the positions of computed values that are read, once each', () => {
  const model = modelOf(`
    (x: float32[2, 5, 4], i: int64[1]) -> (a: float32[2, 4], b: float32[2, 4], c: float32[2, 5, 2], d: float32[2, 1, 4])
    a = Gather(x, int64 0) {axis: 1}
    b = Gather(x, int64 0) {axis: -2}
    c = Slice(x, int64[1] {1}, int64[1] {3}, int64[1] {2})
    d = Gather(x, i) {axis: 1}`)
  expect(selectionsIn(model, model)).toEqual([
    { kind: 'select', axis: 1, kept: [0] },
    { kind: 'select', axis: 2, kept: [1, 2] },
  ])
})

it('finds none at the end, whose place is not known, nor in tables of weights', () => {
  const model = modelOf(`
    (i: int64[3], x: float32[2, n]) -> (y: float32[3, 4], z: float32[2, 1], u: float32[2, n])
    y = Gather(float32[10, 4], i) {axis: 0}
    z = Gather(x, int64[1] {-1}) {axis: 1}
    u = Slice(x, int64[1] {0}, int64[1] {9223372036854775807}, int64[1] {1})`)
  expect(selectionsIn(model)).toEqual([])
})
