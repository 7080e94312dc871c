import { expect, it } from 'vitest'
import { channelNoise } from '../../../core/observe/channel-noise.ts'
import { reduced, tensorData } from '../../support/tensor-data.ts'

const tensor = (dims: readonly number[], values: readonly number[]) => tensorData('float32', dims, values)

it('tells the variance of each channel and the mean square of what is added to it', () => {
  const found = reduced(channelNoise, { axis: 1 }, [
    [tensor([1, 2, 2], [1, 3, 10, 10]), tensor([1, 2, 2], [1, 3, 12, 10])],
    [tensor([1, 2, 2], [1, 3, 10, 10]), tensor([1, 2, 2], [2, 3, 10, 10])],
  ])
  expect(found).toEqual({ variance: [1, 0], error: [0.25, 1] })
})

it('leaves out what is masked', () => {
  const found = reduced(channelNoise, { axis: -1 }, [[tensor([2, 1], [-3.4e38, 1]), tensor([2, 1], [-3.3e38, 2])]])
  expect(found.error).toEqual([0.5])
})
