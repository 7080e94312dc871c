import { describe, it } from 'vitest'
import { knownWhere } from '../../../../core/rules/tidy/known-where.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('known-where', () => {
  it('takes the input that is meant', () =>
    checkRule(knownWhere, {
      before: `(x: float32[2, 3], z: float32[2, 3]) -> (y)
a = Where(bool[1] {0}, x, z)
y = Relu(a)`,
      after: `y = Relu(z)`,
    }))

  it('keeps one that broadcasts', () =>
    checkRejects(
      knownWhere,
      `(x: float32[3], z: float32[2, 3]) -> (y)
y = Where(bool[1] {1}, x, z)`,
      'the shape changes',
    ))

  it('keeps one that differs', () =>
    checkRejects(
      knownWhere,
      `(x: float32[2], z: float32[2]) -> (y)
y = Where(bool[2] {1, 0}, x, z)`,
      'the condition differs',
    ))
})
