import { expect, it } from 'vitest'
import { gram } from '../../../core/observe/gram.ts'
import { floatsIn, randomTensor, reduced } from '../../support/tensor-data.ts'

it('is X^T X over all rows of all batches', () => {
  const size = 7
  const batches = [randomTensor([2, 3, size], 1), randomTensor([1, 5, size], 2)]
  const rows = batches.flatMap((tensor) => {
    const numbers = [...floatsIn(tensor)]
    return Array.from({ length: numbers.length / size }, (_, row) => numbers.slice(row * size, (row + 1) * size))
  })
  const result = reduced(
    gram,
    {},
    batches.map((tensor) => [tensor]),
  )
  expect(result).toMatchObject({ size, rows: 11 })
  for (let i = 0; i < size; i++) {
    expect(result.sums[i]).toBeCloseTo(
      rows.reduce((sum, row) => sum + (row[i] as number), 0),
      10,
    )
    for (let j = 0; j < size; j++) {
      const plain = rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)
      expect(result.matrix[i * size + j]).toBeCloseTo(plain, 10)
    }
  }
})

it('stops at the rows that were asked for', () => {
  const tensor = randomTensor([10, 4], 3)
  const first = randomTensor([10, 4], 3)
  const six = { ...first, dims: [6, 4], data: first.data.subarray(0, 6 * 16) }
  expect(reduced(gram, { rows: 6 }, [[tensor], [tensor]])).toEqual(reduced(gram, {}, [[six]]))
})
