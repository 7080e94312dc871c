import { describe, it } from 'vitest'
import { liftAttention } from '../../../../core/rules/attention/lift-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const heads = (name: string, perm: string) => `${name}r = Reshape(${name}, int64[4] {0, 0, 2, 4})
${name}h = Transpose(${name}r) {perm: ${perm}}`

const border = '(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8], m: float32[batch, 1, 1, seq]) -> (y)'

describe('lift-attention', () => {
  it('reads keys turned at once, a factor and a mask', () =>
    checkRule(liftAttention, {
      before: `${border}
${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 3, 1]')}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kh)
c = Mul(s, float32 0.5)
a = Add(c, m)
p = Softmax(a) {axis: -1}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v, m) {heads: 2, kv_heads: 2, scale: 0.5}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads a divisor, keys turned later, and no mask', () =>
    checkRule(liftAttention, {
      before: `(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8]) -> (y)
${heads('q', '[0, 2, 1, 3]')}
${heads('k', '[0, 2, 1, 3]')}
kt = Transpose(kh) {perm: [0, 1, 3, 2]}
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qh, kt)
c = Div(s, float32 2.0)
p = Softmax(c) {axis: 3}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.5}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads scale on queries and keys, as fused attention is exported', () =>
    checkRule(liftAttention, {
      before: `(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8]) -> (y)
${heads('q', '[0, 2, 1, 3]')}
qs = Mul(qh, float32 0.5)
${heads('k', '[0, 2, 3, 1]')}
ks = Mul(kh, float32 0.5)
${heads('v', '[0, 2, 1, 3]')}
s = MatMul(qs, ks)
p = Softmax(s) {axis: -1}
o = MatMul(p, vh)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 2, kv_heads: 2, scale: 0.25}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('reads key and value heads that are repeated for groups of query heads', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 5, 16], k: float32[2, 5, 8], v: float32[2, 5, 8]) -> (y)
qr = Reshape(q, int64[4] {0, 0, 4, 4})
qh = Transpose(qr) {perm: [0, 2, 1, 3]}
${heads('k', '[0, 2, 1, 3]')}
ku = Unsqueeze(kh, int64[1] {2})
ke = Expand(ku, int64[5] {2, 2, 2, 5, 4})
kx = Reshape(ke, int64[4] {0, 4, -1, 4})
kt = Transpose(kx) {perm: [0, 1, 3, 2]}
${heads('v', '[0, 2, 1, 3]')}
vu = Unsqueeze(vh, int64[1] {2})
ve = Expand(vu, int64[5] {2, 2, 2, 5, 4})
vx = Reshape(ve, int64[4] {0, 4, -1, 4})
s = MatMul(qh, kt)
p = Softmax(s) {axis: -1}
o = MatMul(p, vx)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `a = lathe.Attention(q, k, v) {heads: 4, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 4, 4})`,
    }))

  it('makes the views that are missing', () =>
    checkRule(liftAttention, {
      before: `(q: float32[2, 2, 5, 4], k: float32[2, 2, 4, 5], v: float32[2, 2, 5, 4]) -> (y)
s = MatMul(q, k)
p = Softmax(s) {axis: -1}
o = MatMul(p, v)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      after: `qt = Transpose(q) {perm: [0, 2, 1, 3]}
qs = Reshape(qt, int64[3] {0, 0, 8})
kt = Transpose(k) {perm: [0, 3, 1, 2]}
ks = Reshape(kt, int64[3] {0, 0, 8})
vt = Transpose(v) {perm: [0, 2, 1, 3]}
vs = Reshape(vt, int64[3] {0, 0, 8})
a = lathe.Attention(qs, ks, vs) {heads: 2, kv_heads: 2, scale: 1.0}
y = Reshape(a, int64[4] {0, 0, 2, 4})`,
    }))

  it('leaves a Softmax over queries', () =>
    checkRejects(
      liftAttention,
      `(q: float32[2, 2, 5, 4], k: float32[2, 2, 4, 5], v: float32[2, 2, 5, 4]) -> (y)
s = MatMul(q, k)
p = Softmax(s) {axis: 2}
o = MatMul(p, v)
y = Transpose(o) {perm: [0, 2, 1, 3]}`,
      'the Softmax does not run over the keys',
    ))
})
