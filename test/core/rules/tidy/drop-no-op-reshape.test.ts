import { describe, it } from 'vitest'
import { dropNoOpReshape } from '../../../../core/rules/tidy/drop-no-op-reshape.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-no-op-reshape', () => {
  it('drops a Reshape', () =>
    checkRule(dropNoOpReshape, {
      before: `(x: float32[n, 3]) -> (y)
a = Reshape(x, int64[2] {0, 3})
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('drops a Flatten', () =>
    checkRule(dropNoOpReshape, {
      before: `(x: float32[n, 3]) -> (y)
a = Flatten(x)
y = Relu(a)`,
      after: `y = Relu(x)`,
    }))

  it('keeps one that changes the shape', () =>
    checkRejects(
      dropNoOpReshape,
      `(x: float32[2, 3]) -> (y)
y = Reshape(x, int64[1] {6})`,
      'the shape changes',
    ))
})
