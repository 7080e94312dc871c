import { describe, it } from 'vitest'
import { dropExpandBeforeGather } from '../../../../core/rules/tidy/drop-expand-before-gather.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('drop-expand-before-gather', () => {
  it('lets the addition broadcast', () =>
    checkRule(dropExpandBeforeGather, {
      before: `(x: float32[n, 3, 4], i: int64[1, 3]) -> (y)
s = Shape(x)
b = Slice(s, int64[1] {0}, int64[1] {2})
e = Expand(i, b)
g = Gather(float32[5, 4], e)
y = Add(x, g)`,
      after: `g = Gather(float32[5, 4], i) {axis: 0}
y = Add(g, x)`,
    }))

  it('leaves one that gives the shape', () =>
    checkRejects(
      dropExpandBeforeGather,
      `(x: float32[1, 3, 4], i: int64[1, 3]) -> (y)
e = Expand(i, int64[2] {2, 3})
g = Gather(float32[5, 4], e)
y = Add(x, g)`,
      'the other value has not the full shape',
    ))
})
