import { describe, it } from 'vitest'
import { constantReshape } from '../../../../core/rules/tidy/constant-reshape.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('constant-reshape', () => {
  it('reads the shape from the types', () =>
    checkRule(constantReshape, {
      before: `(x: float32[n, m, 8]) -> (y)
s = Shape(x)
b = Gather(s, int64[1] {0})
l = Gather(s, int64[1] {1})
r = Concat(b, l, int64[2] {2, 4}) {axis: 0}
y = Reshape(x, r)`,
      after: `y = Reshape(x, int64[4] {0, 0, 2, 4})`,
    }))

  it('leaves one size open', () =>
    checkRule(constantReshape, {
      before: `(x: float32[n, m, 8]) -> (y)
s = Shape(x)
b = Gather(s, int64[1] {0})
l = Gather(s, int64[1] {1})
p = Mul(b, l)
r = Concat(p, int64[1] {8}) {axis: 0}
y = Reshape(x, r)`,
      after: `y = Reshape(x, int64[2] {-1, 8})`,
    }))

  it('keeps one with two open sizes', () =>
    checkRejects(
      constantReshape,
      `(x: float32[n, m, 8]) -> (y)
s = Shape(x)
b = Gather(s, int64[1] {0})
l = Gather(s, int64[1] {1})
r = Concat(l, b, int64[1] {8}) {axis: 0}
y = Reshape(x, r)`,
      'more than one size',
    ))
})
