import { describe, it } from 'vitest'
import { castLikeToCast } from '../../../../core/rules/tidy/cast-like-to-cast.ts'
import { checkRule } from '../../../support/check-rule.ts'

describe('cast-like-to-cast', () => {
  it('makes it a Cast', () =>
    checkRule(castLikeToCast, {
      before: `(x: int64[2, 3], z: float32[2]) -> (y)
a = CastLike(x, z)
y = Relu(a)`,
      after: `%1 = Cast(x) {to: 1}
y = Relu(%1)`,
    }))
})
