import { describe, it } from 'vitest'
import { liftPartialRotary } from '../../../../core/rules/attention/lift-partial-rotary.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const before = `(x: float32[2, 5, 12], c: float32[5, 2], s: float32[5, 2]) -> (y)
r = Reshape(x, int64[4] {0, 0, 2, 6})
h = Transpose(r) {perm: [0, 2, 1, 3]}
low = Slice(h, int64[1] {0}, int64[1] {4}, int64[1] {3}, int64[1] {1})
lt = Transpose(low) {perm: [0, 2, 1, 3]}
lr = Reshape(lt, int64[3] {0, 0, 8})
z = lathe.Rotary(lr, c, s) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
zt = Transpose(zr) {perm: [0, 2, 1, 3]}
high = Slice(h, int64[1] {4}, int64[1] {9223372036854775807}, int64[1] {3}, int64[1] {1})
y = Concat(zt, high) {axis: -1}`

describe('lift-partial-rotary', () => {
  it('turns the first elements of each head, and leaves the others', () =>
    checkRule(liftPartialRotary, {
      before,
      after: `z = lathe.Rotary(x, c, s) {heads: 2}
zr = Reshape(z, int64[4] {0, 0, 2, 6})
y = Transpose(zr) {perm: [0, 2, 1, 3]}`,
    }))

  it('does so before the heads are put first, and of neighbours', () =>
    checkRule(liftPartialRotary, {
      before: `(h: float32[2, 5, 2, 6], c: float32[5, 2], s: float32[5, 2]) -> (y)
low = Slice(h, int64[1] {0}, int64[1] {4}, int64[1] {3}, int64[1] {1})
lr = Reshape(low, int64[3] {0, 0, 8})
z = lathe.Rotary(lr, c, s) {heads: 2, interleaved: 1}
zr = Reshape(z, int64[4] {0, 0, 2, 4})
high = Slice(h, int64[1] {4}, int64[1] {9223372036854775807}, int64[1] {3}, int64[1] {1})
y = Concat(zr, high) {axis: -1}`,
      after: `x = Reshape(h, int64[3] {0, 0, 12})
z = lathe.Rotary(x, c, s) {heads: 2, interleaved: 1}
y = Reshape(z, int64[4] {0, 0, 2, 6})`,
    }))

  it('leaves what does not meet without a gap', () =>
    checkRejects(
      liftPartialRotary,
      before.replace('int64[1] {4}, int64[1] {9223372036854775807}', 'int64[1] {5}, int64[1] {6}'),
      'the slices are not what is turned and what is left',
    ))
})
