import { describe, it } from 'vitest'
import { mergeConstantFactors } from '../../../../core/rules/tidy/merge-constant-factors.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('merge-constant-factors', () => {
  it('merges two products', () =>
    checkRule(mergeConstantFactors, {
      before: `(x: float32[2, 3]) -> (y)
a = Mul(x, float32 2.0)
y = Mul(float32[3], a)`,
      after: `y = Mul(x, float32[3])`,
    }))

  it('merges a quotient into a product', () =>
    checkRule(mergeConstantFactors, {
      before: `(x: float32[2, 3]) -> (y)
a = Div(x, float32 2.0)
y = Mul(a, float32 3.0)`,
      after: `y = Mul(x, float32 1.5)`,
    }))

  it('merges a product into a quotient', () =>
    checkRule(mergeConstantFactors, {
      before: `(x: float32[2, 3]) -> (y)
a = Mul(x, float32 3.0)
y = Div(a, float32 2.0)`,
      after: `y = Mul(x, float32 1.5)`,
    }))

  it('merges two quotients', () =>
    checkRule(mergeConstantFactors, {
      before: `(x: float32[2, 3]) -> (y)
a = Div(x, float32 2.0)
y = Div(a, float32 4.0)`,
      after: `y = Div(x, float32 8.0)`,
    }))

  it('keeps whole numbers, which divide with a rest', () =>
    checkRejects(
      mergeConstantFactors,
      `(x: int64[3]) -> (y)
a = Div(x, int64 2)
y = Mul(a, int64 2)`,
      'the constants are large, or no floats',
    ))
})
