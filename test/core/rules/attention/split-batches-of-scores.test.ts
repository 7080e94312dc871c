import { describe, it } from 'vitest'
import { splitBatchesOfScores } from '../../../../core/rules/attention/split-batches-of-scores.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

describe('split-batches-of-scores', () => {
  it('adds to scores once batch and heads are apart', () =>
    checkRule(splitBatchesOfScores, {
      before: `(q: float32[6, 5, 4], k: float32[6, 4, 5], b: float32[3, 2, 5]) -> (y)
s = MatMul(q, k)
f = Mul(s, float32 0.5)
m = Reshape(b, int64[3] {6, 1, 5})
a = Add(m, f)
y = Reshape(a, int64[4] {3, 2, 5, 5})`,
      after: `m = Reshape(b, int64[3] {6, 1, 5})
n = Reshape(m, int64[4] {3, 2, 1, 5})
s = MatMul(q, k)
v = Reshape(s, int64[4] {3, 2, 5, 5})
f = Mul(v, float32 0.5)
y = Add(n, f)`,
    }))

  it('leaves views that take other axes apart', () =>
    checkRejects(
      splitBatchesOfScores,
      `(q: float32[6, 4, 4], k: float32[6, 4, 4]) -> (y)
s = MatMul(q, k)
f = Mul(s, float32 0.5)
y = Reshape(f, int64[4] {6, 2, 2, 4})`,
      'the view does not take batch and heads apart',
    ))
})
