import { describe, it } from 'vitest'
import { liftMergedAttention } from '../../../../core/rules/attention/lift-merged-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const heads = (name: string, perm: string) => `${name}t = Transpose(${name}) {perm: [1, 0, 2]}
${name}r = Reshape(${name}t, int64[3] {0, -1, 4})
${name}h = Transpose(${name}r) {perm: ${perm}}`

const border = '(q: float32[batch, seq, 8], k: float32[batch, seq, 8], v: float32[batch, seq, 8], m: float32[seq, seq]) -> (y)'
const graph = (mask: string) => `${heads('q', '[1, 0, 2]')}
qs = Mul(qh, float32 0.5)
${heads('k', '[1, 2, 0]')}
s = MatMul(qs, kh)
${mask}
p = Softmax(a) {axis: -1}
${heads('v', '[1, 0, 2]')}
y = MatMul(p, vh)`

describe('lift-merged-attention', () => {
  it('reads heads and batch in one axis, with the sequence first', () =>
    checkRule(liftMergedAttention, {
      before: `${border}\n${graph('a = Add(s, m)')}`,
      after: `z = lathe.Attention(q, k, v, m) {heads: 2, kv_heads: 2, scale: 0.5}
t = Transpose(z) {perm: [1, 0, 2]}
r = Reshape(t, int64[3] {0, -1, 4})
y = Transpose(r) {perm: [1, 0, 2]}`,
    }))

  it('reads projections with the sequence first', () =>
    checkRule(liftMergedAttention, {
      before: `(q: float32[5, batch, 8]) -> (y)
r = Reshape(q, int64[3] {5, -1, 4})
h = Transpose(r) {perm: [1, 0, 2]}
k = Transpose(r) {perm: [1, 2, 0]}
s = MatMul(h, k)
p = Softmax(s)
y = MatMul(p, h)`,
      after: `a = Transpose(q) {perm: [1, 0, 2]}
b = Transpose(q) {perm: [1, 0, 2]}
c = Transpose(q) {perm: [1, 0, 2]}
z = lathe.Attention(a, b, c) {heads: 2, kv_heads: 2, scale: 1.0}
t = Transpose(z) {perm: [1, 0, 2]}
m = Reshape(t, int64[3] {0, -1, 4})
y = Transpose(m) {perm: [1, 0, 2]}`,
    }))

  it('reads a mask of each sequence that was merged with the heads', () =>
    checkRule(liftMergedAttention, {
      before: `${border.replace('m: float32[seq, seq]', 'm: float32[batch, 2, 1, seq]')}
d = Shape(m)
f = Slice(d, int64[1] {3}, int64[1] {4})
t = Concat(int64[2] {-1, 1}, f) {axis: 0}
w = Reshape(m, t)
${graph('a = Add(s, w)')}`,
      after: `z = lathe.Attention(q, k, v, m) {heads: 2, kv_heads: 2, scale: 0.5}
t = Transpose(z) {perm: [1, 0, 2]}
r = Reshape(t, int64[3] {0, -1, 4})
y = Transpose(r) {perm: [1, 0, 2]}`,
    }))

  it('leaves masks of each head', () =>
    checkRejects(
      liftMergedAttention,
      `${border.replace('m: float32[seq, seq]', 'm: float32[n, seq, seq]')}\n${graph('a = Add(s, m)')}`,
      'the mask differs from head to head',
    ))

  it('leaves products whose axes are no heads', () =>
    checkRejects(
      liftMergedAttention,
      `(q: float32[6, 5, 4], k: float32[6, 4, 5]) -> (y)
s = MatMul(q, k)
p = Softmax(s)
y = MatMul(p, q)`,
      'the queries are not known to be heads',
    ))

  it('leaves scores times a negative number, which no kernel takes', () =>
    checkRejects(
      liftMergedAttention,
      `${border}\n${graph('a = Add(s, m)').replace('float32 0.5', 'float32 -0.5')}`,
      'the scores are scaled by -0.5',
    ))
})
