import { describe, it } from 'vitest'
import { viewsBeforeElementwise } from '../../../../core/rules/layout/views-before-elementwise.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('views-before-elementwise', () => {
  it('sees first and computes then', () =>
    checkRule(viewsBeforeElementwise, {
      before: `(x: float32[2, 3]) -> (y)
c = Cos(x)
y = Reshape(c, int64[1] {6})`,
      after: `s = Reshape(x, int64[1] {6})
y = Cos(s)`,
    }))

  it('keeps attributes', () =>
    checkRule(viewsBeforeElementwise, {
      before: `(x: int64[2, 3]) -> (y)
c = Cast(x) {to: 1}
y = Unsqueeze(c, int64[1] {0})`,
      after: `s = Unsqueeze(x, int64[1] {0})
y = Cast(s) {to: 1}`,
    }))

  it('leaves what others read', () =>
    checkRejects(
      viewsBeforeElementwise,
      `(x: float32[2, 3]) -> (y, c)
c = Cos(x)
y = Reshape(c, int64[1] {6})`,
      'is also an output of the graph',
    ))
})
