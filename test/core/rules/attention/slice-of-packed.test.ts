import { describe, it } from 'vitest'
import { sliceOfPacked } from '../../../../core/rules/attention/slice-of-packed.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('slice-of-packed', () => {
  it('takes keys out of the product of a vision transformer', () =>
    checkRule(sliceOfPacked, {
      before: `(x: float32[batch, 5, 24]) -> (y)
r = Reshape(x, int64[5] {0, 5, 3, 2, 4})
t = Transpose(r) {perm: [2, 0, 3, 1, 4]}
y = Gather(t, int64 1) {axis: 0}`,
      after: `s = Slice(x, int64[1] {8}, int64[1] {16}, int64[1] {2}, int64[1] {1})
r = Reshape(s, int64[4] {0, 0, 2, 4})
y = Transpose(r) {perm: [0, 2, 1, 3]}`,
    }))

  it("takes values out of PyTorch's packed projection, as they lie", () =>
    checkRule(sliceOfPacked, {
      before: `(x: float32[5, batch, 24]) -> (y)
r = Reshape(x, int64[5] {1, 5, -1, 3, 8})
t = Transpose(r) {perm: [3, 1, 2, 0, 4]}
q = Squeeze(t, int64[1] {3})
y = Gather(q, int64 2) {axis: 0}`,
      after: 'y = Slice(x, int64[1] {16}, int64[1] {24}, int64[1] {2}, int64[1] {1})',
    }))

  it('puts places together again where an axis of size 1 makes up for one too many', () =>
    checkRule(sliceOfPacked, {
      before: `(x: float32[batch, 1, 1, 3, 3, 24]) -> (y)
r = Reshape(x, int64[6] {0, 1, 9, 3, 2, 4})
t = Transpose(r) {perm: [3, 0, 1, 4, 2, 5]}
y = Gather(t, int64 1) {axis: 0}`,
      after: `s = Slice(x, int64[1] {8}, int64[1] {16}, int64[1] {5}, int64[1] {1})
r = Reshape(s, int64[5] {0, 3, 3, 2, 4})
t = Transpose(r) {perm: [0, 3, 1, 2, 4]}
y = Reshape(t, int64[5] {0, 1, 2, 9, 4})`,
    }))

  it('leaves what is packed head by head', () =>
    checkRejects(
      sliceOfPacked,
      `(x: float32[2, 5, 24]) -> (y)
r = Reshape(x, int64[5] {0, 0, 2, 3, 4})
y = Gather(r, int64 1) {axis: 3}`,
      'not known to be a part of the columns',
    ))
})
