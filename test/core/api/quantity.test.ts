import { expect, it } from 'vitest'
import { quantity } from '../../../core/api/quantity.ts'

it('counts one thing as one, and many in groups of thousands', () => {
  expect([0, 1, 2, 1024, 1_000_000].map((count) => quantity(count, 'sample'))).toEqual([
    ...['0 samples', '1 sample', '2 samples', '1,024 samples', '1,000,000 samples'],
  ])
})
