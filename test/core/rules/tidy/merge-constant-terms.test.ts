import { describe, it } from 'vitest'
import { mergeConstantTerms } from '../../../../core/rules/tidy/merge-constant-terms.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('merge-constant-terms', () => {
  it('merges two sums', () =>
    checkRule(mergeConstantTerms, {
      before: `(x: float32[2, 3]) -> (y)
a = Add(x, float32 2.0)
y = Add(a, float32[3])`,
      after: `y = Add(x, float32[3])`,
    }))

  it('merges differences', () =>
    checkRule(mergeConstantTerms, {
      before: `(x: float32[2, 3]) -> (y)
a = Sub(x, float32 2.0)
y = Sub(a, float32 3.0)`,
      after: `y = Add(x, float32 -5.0)`,
    }))

  it('merges a difference of a sum', () =>
    checkRule(mergeConstantTerms, {
      before: `(x: float32[2, 3]) -> (y)
a = Add(x, float32 2.0)
y = Sub(a, float32 3.0)`,
      after: `y = Add(x, float32 -1.0)`,
    }))
})
