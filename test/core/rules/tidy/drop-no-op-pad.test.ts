import { describe, it } from 'vitest'
import { dropNoOpPad } from '../../../../core/rules/tidy/drop-no-op-pad.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-pad', () => {
  it('drops it', () =>
    checkRule(dropNoOpPad, {
      before: `(x: float32[2, 3]) -> (y)
a = Pad(x, int64[4] {0, 0, 0, 0})
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that pads, even to the same size', () =>
    checkRejects(
      dropNoOpPad,
      `(x: float32[2, 3]) -> (y)
y = Pad(x, int64[4] {1, 0, -1, 0})`,
      'it pads',
    ))
})
