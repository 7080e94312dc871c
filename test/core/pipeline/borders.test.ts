import { describe, expect, it } from 'vitest'
import type { DType } from '../../../core/ir/dtype.ts'
import { numbersOf, tensorFrom } from '../../../core/ir/numbers.ts'
import { tensorOf } from '../../../core/ir/tensor.ts'
import type { TensorData } from '../../../core/observe/reducer.ts'
import { composed, feedsFor, inputSources, outputsOf, sourceBorders } from '../../../core/pipeline/borders.ts'

const data = (values: readonly number[], dims: readonly number[], dtype: DType = 'float32'): TensorData => ({
  dtype,
  dims,
  data: tensorFrom(dtype, dims, values).read(),
})
const numbers = ({ dtype, dims, data: bytes }: TensorData) => [...numbersOf(tensorOf(dtype, dims, bytes))]

const half = { kind: 'cast', from: 'float32', to: 'float16' } as const
const last = { kind: 'permute', perm: [0, 2, 1] } as const
const io = {
  inputs: new Map([['x', { from: 'x', map: half }]]),
  outputs: new Map([['y', { from: 'y', map: half }]]),
}
const renamed = {
  inputs: new Map([['x_last', { from: 'x', map: last }]]),
  outputs: new Map([['y_last', { from: 'y', map: last }]]),
}

describe('borders over several passes', () => {
  const borders = composed(composed(sourceBorders, io), renamed)
  const x = data([1, 2, 3, 4, 5, 6], [1, 2, 3])

  it('feed the new version from the samples of the source', () => {
    const { x_last: fed } = feedsFor({ x }, borders)
    expect(fed).toMatchObject({ dtype: 'float16', dims: [1, 3, 2] })
    expect(numbers(fed!)).toEqual([1, 4, 2, 5, 3, 6])
    expect(inputSources(borders)).toEqual({ x_last: { column: 'x', cast: 'float16', permute: [0, 2, 1] } })
  })

  it('give its outputs back as the source would', () => {
    const { y } = outputsOf({ y_last: data([1, 4, 2, 5, 3, 6], [1, 3, 2], 'float16') }, borders)
    expect(y).toMatchObject({ dtype: 'float32', dims: [1, 2, 3] })
    expect(numbers(y!)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('leave alone what nobody changed', () => {
    expect(feedsFor({ x }, sourceBorders)).toEqual({ x })
    expect(outputsOf({ x }, sourceBorders)).toEqual({ x })
  })
})
