import { expect, test } from 'vitest'
import { allowanceNotes } from '../../../core/engine/export-check.ts'

const limits = { leastCosine: 0.99999, mostRelative: 1e-4, keepsTop: true }

test('a file that is further off than float files may be says what it was held to', () => {
  expect(allowanceNotes({ maxRelative: 1.3e-3 }, limits, 2.6e-4)).toEqual([
    "The largest difference is 0.0013 of an output's scale, past the 0.0001 that is asked for elsewhere. Rounding alone can be that far: ONNX Runtime is 0.00026 from itself when it computes in another order, and 8 times that is allowed.",
  ])
})

test('one that is as near as all others says nothing', () => {
  expect(allowanceNotes({ maxRelative: 5e-5 }, limits, null)).toEqual([])
  expect(allowanceNotes({ maxRelative: 5e-5 }, limits, 2.6e-4)).toEqual([])
  expect(allowanceNotes({ maxRelative: 1 }, null, 2.6e-4)).toEqual([])
})
