import { describe, it } from 'vitest'
import { cancelInverses } from '../../../../core/rules/tidy/cancel-inverses.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('cancel-inverses', () => {
  it('cancels negations', () =>
    checkRule(cancelInverses, {
      before: `(x: float32[2, 3]) -> (y)
a = Neg(x)
b = Neg(a)
y = Relu(b)`,
      after: `y = Relu(x)`,
    }))

  it('cancels logical negations', () =>
    checkRule(cancelInverses, {
      before: `(x: bool[2, 3]) -> (y)
a = Not(x)
b = Not(a)
y = Cast(b) {to: 1}`,
      after: `y = Cast(x) {to: 1}`,
    }))
})
