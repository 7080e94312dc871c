import { describe, it } from 'vitest'
import { splitBatchesOfProduct } from '../../../../core/rules/attention/split-batches-of-product.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const border = '(q: float32[batch, 2, seq, 4], k: float32[batch, 2, seq, 4]) -> (y)'
const sizes = (name: string) => `${name}s = Shape(${name})
${name}n = Gather(${name}s, int64[1] {2})
${name}b = Gather(${name}s, int64[1] {0})`

describe('split-batches-of-product', () => {
  it('takes batch and heads apart before the product, and keeps turned and scaled factors so', () =>
    checkRule(splitBatchesOfProduct, {
      before: `${border}
${sizes('q')}
m = Concat(int64[1] {-1}, qn, int64[1] {4}) {axis: 0}
qm = Reshape(q, m)
km = Reshape(k, m)
kt = Transpose(km) {perm: [0, 2, 1]}
kc = Mul(kt, float32 0.5)
s = MatMul(qm, kc)
a = Concat(qb, int64[1] {2}, qn, qn) {axis: 0}
y = Reshape(s, a)`,
      after: `t = Transpose(k) {perm: [0, 1, 3, 2]}
c = Mul(t, float32 0.5)
y = MatMul(q, c)`,
    }))

  it('knows a factor that the model gives out under a name of its own for its length', () =>
    checkRule(splitBatchesOfProduct, {
      before: `(q: float32[batch, 2, seq, 4], k: float32[batch, 2, seq, 4], past: float32[batch, 2, before, 4], mask: float32[batch, total]) -> (all: float32[batch, 2, total, 4], y)
all = Concat(past, k) {axis: 2}
${sizes('q')}
bh = Mul(qb, int64[1] {2})
m = Concat(bh, int64[2] {-1, 4}) {axis: 0}
qm = Reshape(q, m)
km = Reshape(all, m)
kt = Transpose(km) {perm: [0, 2, 1]}
s = MatMul(qm, kt)
a = Concat(qb, int64[1] {2}, qn, int64[1] {-1}) {axis: 0}
z = Reshape(s, a)
y = Relu(z)`,
      after: `all = Concat(past, k) {axis: 2}
t = Transpose(all) {perm: [0, 1, 3, 2]}
z = MatMul(q, t)
y = Relu(z)`,
    }))

  it('leaves results that are taken apart in another way', () =>
    checkRejects(
      splitBatchesOfProduct,
      `(q: float32[6, 2, 5, 4], k: float32[6, 2, 4, 5]) -> (y)
qm = Reshape(q, int64[3] {12, 5, 4})
km = Reshape(k, int64[3] {12, 4, 5})
s = MatMul(qm, km)
y = Reshape(s, int64[4] {2, 6, 5, 5})`,
      'not known to be merged from the axes',
    ))
})
