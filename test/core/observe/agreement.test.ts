import { expect, it } from 'vitest'
import { agreement } from '../../../core/observe/agreement.ts'
import { randomTensor, reduced, tensorData } from '../../support/tensor-data.ts'

it('compares the best class of each row', () => {
  const first = tensorData('float32', [3, 2], [1, 0, 0, 1, 2, 3])
  const second = tensorData('float32', [3, 2], [5, 4, 1, 0, 0, 9])
  expect(
    reduced(agreement, {}, [
      [first, second],
      [first, first],
    ]),
  ).toEqual({
    rows: 6,
    agreement: 5 / 6,
    agree: Uint8Array.of(1, 0, 1, 1, 1, 1),
  })
})

it('refuses scores of other shapes', () => {
  expect(() => reduced(agreement, {}, [[randomTensor([2, 3], 1), randomTensor([2, 4], 1)]])).toThrow('cannot be compared')
})
