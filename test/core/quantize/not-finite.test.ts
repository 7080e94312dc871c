import { describe, expect, it } from 'vitest'
import { notFiniteOutput } from '../../../core/quantize/not-finite.ts'

const run = (from: number, rows: number, numbers: readonly number[], first = rows) => ({
  from,
  rows,
  dims: [first, numbers.length / first],
  values: Float32Array.from(numbers),
})

describe('what an output holds besides numbers', () => {
  it('is nothing to tell where it holds numbers alone', () => {
    expect(notFiniteOutput('y', [run(0, 2, [1, 2, 3, 4])], 'sample')).toBeNull()
  })

  it('is told with the first sample of all runs', () => {
    const told = notFiniteOutput('y', [run(0, 2, [1, 2, 3, 4]), run(2, 2, [1, 2, Number.NaN, Number.NEGATIVE_INFINITY])], 'sample')
    expect(told).toContain("Of 8 elements of the output 'y' 2 are NaN or infinite in float, first on sample 3, counted from 0")
  })

  it('is told with the samples of a run where the first axis does not count them', () => {
    const told = notFiniteOutput('y', [run(4, 4, [1, 2, Number.POSITIVE_INFINITY, 4, 5, 6], 2)], 'sample')
    expect(told).toContain("Of 6 elements of the output 'y' 1 is NaN or infinite in float, first on sample 4 to 7, counted from 0")
  })
})
