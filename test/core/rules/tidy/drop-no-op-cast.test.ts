import { describe, it } from 'vitest'
import { dropNoOpCast } from '../../../../core/rules/tidy/drop-no-op-cast.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-cast', () => {
  it('drops it', () =>
    checkRule(dropNoOpCast, {
      before: `(x: float32[2, 3]) -> (y)
a = Cast(x) {to: 1}
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops CastLike to the same type', () =>
    checkRule(dropNoOpCast, {
      before: `(x: float32[2, 3], z: float32[1]) -> (y)
a = CastLike(x, z)
y = Add(a, z)`,
      after: `y = Add(x, z)`,
    }))

  it('keeps one that changes the type', () =>
    checkRejects(
      dropNoOpCast,
      `(x: float32[2]) -> (y)
y = Cast(x) {to: 7}`,
      'the type changes',
    ))
})
