import { describe, it } from 'vitest'
import { fuseShiftIntoConv } from '../../../../core/rules/convolution/fuse-shift-into-conv.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-shift-into-conv', () => {
  it('adds to the bias', () =>
    checkRule(fuseShiftIntoConv, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 3, 3], float32[6])
y = Add(float32[1, 6, 1, 1], a)`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6])`,
    }))

  it('makes a bias', () =>
    checkRule(fuseShiftIntoConv, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 3, 3])
y = Sub(a, float32 2.0)`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6])`,
    }))

  it('keeps one that broadcasts the result', () =>
    checkRejects(
      fuseShiftIntoConv,
      `(x: float32[1, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 3, 3])
y = Add(a, float32[2, 6, 1, 1])`,
      'the constant differs within a channel',
    ))
})
