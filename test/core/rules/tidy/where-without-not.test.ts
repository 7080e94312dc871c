import { describe, it } from 'vitest'
import { whereWithoutNot } from '../../../../core/rules/tidy/where-without-not.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('where-without-not', () => {
  it('exchanges the inputs', () =>
    checkRule(whereWithoutNot, {
      before: `(c: bool[2], x: float32[2], z: float32[2]) -> (y)
n = Not(c)
y = Where(n, x, z)`,
      after: `y = Where(c, z, x)`,
    }))
})
