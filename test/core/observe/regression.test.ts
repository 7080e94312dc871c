import { expect, it } from 'vitest'
import { regression } from '../../../core/observe/regression.ts'
import { reduced, tensorData } from '../../support/tensor-data.ts'

it('is the mean of squared differences, also of each sample', () => {
  const output = tensorData('float32', [2, 2], [1, 2, 3, 4])
  const labels = tensorData('float32', [2, 2], [1, 0, 0, 5])
  expect(
    reduced(regression, {}, [
      [output, labels],
      [output, output],
    ]),
  ).toEqual({
    samples: 4,
    mse: (4 + 9 + 1) / 8,
    errors: Float64Array.of(2, 5, 0, 0),
  })
})

it('refuses labels of another length', () => {
  expect(() => reduced(regression, {}, [[tensorData('float32', [2], [1, 2]), tensorData('float32', [1], [1])]])).toThrow('2 numbers')
})
