import { describe, it } from 'vitest'
import { foldKnown } from '../../../../core/rules/tidy/fold-known.ts'
import { checkLeaves, checkRule } from '../../../support/check-rule.ts'

describe('fold-known', () => {
  it('folds shape arithmetic', () =>
    checkRule(foldKnown, {
      before: `(x: float32[n, 4, 6]) -> (y)
s = Shape(x)
d = Gather(s, int64 2)
f = Cast(d) {to: 1}
r = Sqrt(f)
y = Div(x, r)`,
      after: `y = Div(x, float32 2.4494898)`,
    }))

  it('folds the chained biases of the dynamo exporter', () =>
    checkRule(foldKnown, {
      before: `(x: float32[1, 2, 4, 4]) -> (y)
w = float32[3, 2, 1, 1]
z = CastLike(float32 0.0, w)
s = Shape(w) {start: 0, end: 1}
b = Expand(z, s)
y = Conv(x, w, b)`,
      after: `y = Conv(x, float32[3, 2, 1, 1], float32[3])`,
    }))

  it('keeps what hangs on an input', () =>
    checkLeaves(
      foldKnown,
      `(x: float32[n, 4]) -> (y)
s = Shape(x)
d = Gather(s, int64 0)
y = Add(d, int64 1)`,
    ))
})
