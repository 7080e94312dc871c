import { expect, it } from 'vitest'
import { means } from '../../../core/observe/means.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'

const tensor = (dims: readonly number[], values: readonly number[]): TensorData => ({
  dtype: 'float32',
  dims,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

it('means are taken for each channel of an axis, over all samples', () => {
  let state = means.start({ axis: 1 })
  state = means.add(state, [tensor([1, 2, 2], [1, 3, -1, -5])])
  state = means.add(state, [tensor([2, 2, 2], [2, 2, 0, 0, 4, 6, 0, 0])])
  expect(means.finish(state)).toEqual({ means: [3, -1] })
})

it('of the last axis unless another is named', () => {
  expect(means.finish(means.add(means.start({}), [tensor([2, 3], [1, 2, 3, 3, 4, 5])]))).toEqual({ means: [2, 3, 4] })
})
