import { describe, it } from 'vitest'
import { dropLeadingOnes } from '../../../../core/rules/layout/drop-leading-ones.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-leading-ones', () => {
  it('lets the operator broadcast', () =>
    checkRule(dropLeadingOnes, {
      before: `(x: float32[n], z: float32[1, 1, m, 1]) -> (y)
r = Reshape(x, int64[4] {1, 1, 1, -1})
y = LessOrEqual(r, z)`,
      after: `y = LessOrEqual(x, z)`,
    }))

  it('leaves views that give the rank', () =>
    checkRejects(
      dropLeadingOnes,
      `(x: float32[3], z: float32[3]) -> (y)
r = Unsqueeze(x, int64[1] {0})
y = Add(r, z)`,
      'no input only adds leading axes',
    ))
})
