import { describe, it } from 'vitest'
import { fuseScaleIntoConv } from '../../../../core/rules/convolution/fuse-scale-into-conv.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('fuse-scale-into-conv', () => {
  it('folds a factor for each channel', () =>
    checkRule(fuseScaleIntoConv, {
      before: `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 3, 3], float32[6])
y = Mul(a, float32[6, 1, 1])`,
      after: `y = Conv(x, float32[6, 4, 3, 3], float32[6])`,
    }))

  it('folds a divisor', () =>
    checkRule(fuseScaleIntoConv, {
      before: `(x: float32[2, 4, 5]) -> (y)
a = ConvTranspose(x, float32[4, 6, 3])
y = Div(a, float32 4.0)`,
      after: `y = ConvTranspose(x, float32[4, 6, 3])`,
    }))

  it('keeps one that differs within a channel', () =>
    checkRejects(
      fuseScaleIntoConv,
      `(x: float32[2, 4, 5, 5]) -> (y)
a = Conv(x, float32[6, 4, 1, 1])
y = Mul(a, float32[5])`,
      'the constant differs within a channel',
    ))
})
