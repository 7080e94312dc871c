import { describe, it } from 'vitest'
import { dropExpandBeforeBroadcast } from '../../../../core/rules/tidy/drop-expand-before-broadcast.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-expand-before-broadcast', () => {
  it('drops it', () =>
    checkRule(dropExpandBeforeBroadcast, {
      before: `(x: float32[1, 3], z: float32[n, 3]) -> (y)
s = Shape(z)
a = Expand(x, s)
y = Add(a, z)`,
      after: `y = Add(x, z)`,
    }))

  it('keeps one that gives the shape', () =>
    checkRejects(
      dropExpandBeforeBroadcast,
      `(x: float32[1, 3], z: float32[1, 3]) -> (y)
a = Expand(x, int64[2] {4, 3})
y = Add(a, z)`,
      'no input is expanded',
    ))
})
