import { describe, it } from 'vitest'
import { mergeEqualConstants } from '../../../../core/rules/tidy/merge-equal-constants.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

describe('merge-equal-constants', () => {
  it('keeps one of each', () =>
    checkRule(mergeEqualConstants, {
      before: `(x: float32[2, 3]) -> (y)
a = Add(x, float32 2.0)
b = Mul(a, float32 2.0)
y = Add(b, float32[1] {2.0})`,
      after: `%1 = float32 2.0
%2 = Add(x, %1)
%3 = Mul(%2, %1)
y = Add(%3, float32[1] {2.0})`,
    }))

  it('tells large ones apart by content', () =>
    checkLeaves(
      mergeEqualConstants,
      `(x: float32[2, 300]) -> (y)
p = float32[300]
q = float32[300]
a = Add(x, p)
y = Add(a, q)`,
    ))
})
