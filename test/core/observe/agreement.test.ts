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
    undecided: 0,
    agreement: 5 / 6,
    agree: Uint8Array.of(1, 0, 1, 1, 1, 1),
  })
})

it('says nothing of rows that are NaN in both, and counts those of one as different', () => {
  const { NaN: nan } = Number
  const first = tensorData('float32', [4, 2], [nan, nan, nan, nan, 1, 0, nan, 2])
  const second = tensorData('float32', [4, 2], [nan, nan, 1, 0, nan, nan, 0, 2])
  expect(reduced(agreement, {}, [[first, second]])).toEqual({ rows: 3, undecided: 1, agreement: 1 / 3, agree: Uint8Array.of(0, 0, 1) })
})

it('refuses scores of other shapes', () => {
  expect(() => reduced(agreement, {}, [[randomTensor([2, 3], 1), randomTensor([2, 4], 1)]])).toThrow('cannot be compared')
})
