import { describe, it } from 'vitest'
import { fusePadIntoConv } from '../../../../core/rules/convolution/fuse-pad-into-conv.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-pad-into-conv', () => {
  it('pads in the Conv', () =>
    checkRule(fusePadIntoConv, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 2, 0, 0, 0, 1})
y = Conv(a, float32[6, 4, 3, 3]) {pads: [1, 0, 0, 0]}`,
      after: `y = Conv(x, float32[6, 4, 3, 3]) {pads: [2, 2, 0, 1]}`,
    }))

  it('keeps one with another filling', () =>
    checkRejects(
      fusePadIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1}, float32 1.0)
y = Conv(a, float32[6, 4, 3, 3])`,
      'it does not pad with zeros',
    ))

  it('keeps one that reflects', () =>
    checkRejects(
      fusePadIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y)
a = Pad(x, int64[8] {0, 0, 1, 1, 0, 0, 1, 1}) {mode: "reflect"}
y = Conv(a, float32[6, 4, 3, 3])`,
      'it pads with copies',
    ))

  it('keeps one that pads channels', () =>
    checkRejects(
      fusePadIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y)
a = Pad(x, int64[8] {0, 1, 0, 0, 0, 1, 0, 0})
y = Conv(a, float32[6, 6, 3, 3])`,
      'it pads batch or channels',
    ))
})
