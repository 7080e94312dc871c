import { expect, it } from 'vitest'
import { byteText, quantity } from '../../../core/api/quantity.ts'

it('counts one thing as one, and many in groups of thousands', () => {
  expect([0, 1, 2, 1024, 1_000_000].map((count) => quantity(count, 'sample'))).toEqual([
    ...['0 samples', '1 sample', '2 samples', '1,024 samples', '1,000,000 samples'],
  ])
})

it('says bytes in the unit that leaves something of them', () => {
  expect([0, 312, 999, 999_499, 41_230, 1_594_000, 4.4e8, -2e9].map(byteText)).toEqual([
    ...['0 B', '312 B', '999 B', '999 kB', '41.2 kB', '1.59 MB', '440 MB', '−2.00 GB'],
  ])
})
