import { describe, it } from 'vitest'
import { dropNoOpExpand } from '../../../../core/rules/tidy/drop-no-op-expand.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-expand', () => {
  it('drops it, also when the sizes are symbols', () =>
    checkRule(dropNoOpExpand, {
      before: `(x: float32[n, 3]) -> (y)
s = Shape(x)
a = Expand(x, s)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that grows', () =>
    checkRejects(
      dropNoOpExpand,
      `(x: float32[1, 3]) -> (y)
y = Expand(x, int64[2] {4, 3})`,
      'the shape changes',
    ))
})
