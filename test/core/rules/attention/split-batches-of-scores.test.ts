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

  it('takes a term of each query and key apart by the sizes that only the run knows, as DeBERTa computes it', () =>
    checkRule(splitBatchesOfScores, {
      before: `(q: float32[6, n, 4], k: float32[6, 4, n], b: float32[6, n, n], x: float32[3, n, 8]) -> (y)
d = Shape(x)
o = Slice(d, int64[1] {0}, int64[1] {1})
l = Slice(d, int64[1] {1}, int64[1] {2})
h = Concat(o, int64[1] {2}, l, l) {axis: 0}
s = MatMul(q, k)
a = Add(s, b)
y = Reshape(a, h)`,
      after: `d = Shape(x)
o = Slice(d, int64[1] {0}, int64[1] {1})
l = Slice(d, int64[1] {1}, int64[1] {2})
h = Concat(o, int64[1] {2}, l, l) {axis: 0}
m = Reshape(b, h)
s = MatMul(q, k)
v = Reshape(s, h)
y = Add(v, m)`,
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
