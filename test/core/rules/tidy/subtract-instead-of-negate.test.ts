import { describe, it } from 'vitest'
import { subtractInsteadOfNegate } from '../../../../core/rules/tidy/subtract-instead-of-negate.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('subtract-instead-of-negate', () => {
  it('subtracts', () =>
    checkRule(subtractInsteadOfNegate, {
      before: `(x: float32[3], z: float32[3]) -> (y)
a = Neg(z)
y = Add(a, x)`,
      after: `y = Sub(x, z)`,
    }))

  it('adds', () =>
    checkRule(subtractInsteadOfNegate, {
      before: `(x: float32[3], z: float32[3]) -> (y)
a = Neg(z)
y = Sub(x, a)`,
      after: `y = Add(x, z)`,
    }))
})
