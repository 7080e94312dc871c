import { describe, it } from 'vitest'
import { attentionToMultiHeadAttention } from '../../../../core/targets/ort/attention-to-multi-head-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const projected = (mask: string, keys: string) => `(x: float32[batch, seq, 8], keep: int64[batch, seq]) -> (y)
q = MatMul(x, float32[8, 8])
qb = Add(q, float32[8])
k = MatMul(x, float32[8, 8])
v = MatMul(x, float32[8, 8])
vb = Add(v, float32[8])
c = Cast(keep) {to: 9}
${mask}
y = lathe.Attention(qb, k, vb, w) {heads: 2, kv_heads: ${keys}, scale: 0.5}`

describe('attention-to-multi-head-attention', () => {
  it('takes biases in, and a padding mask as such', () =>
    checkRule(attentionToMultiHeadAttention, {
      before: projected('u = Unsqueeze(c, int64[2] {1, 2})\nw = Where(u, float32 0.0, float32 -10000.0)', '2'),
      after: `q = MatMul(x, float32[8, 8])
k = MatMul(x, float32[8, 8])
v = MatMul(x, float32[8, 8])
c = Cast(keep) {to: 9}
p = Cast(c) {to: 6}
y = com.microsoft.MultiHeadAttention(q, k, v, float32[24], p) {mask_filter_value: -10000.0, num_heads: 2, scale: 0.5}`,
    }))

  it('writes out a mask that broadcasts over queries', () =>
    checkRule(attentionToMultiHeadAttention, {
      before: `(x: float32[batch, seq, 8], m: float32[batch, 1, 1, seq]) -> (y)
y = lathe.Attention(x, x, x, m) {heads: 2, kv_heads: 2, scale: 0.5}`,
      after: `s = Shape(m) {end: 4, start: 3}
t = Concat(int64[2] {1, 1}, s, int64[1] {1}) {axis: 0}
e = Expand(m, t)
y = com.microsoft.MultiHeadAttention(x, x, x, _, _, e) {num_heads: 2, scale: 0.5}`,
    }))

  it('leaves grouped heads', () =>
    checkRejects(
      attentionToMultiHeadAttention,
      `(q: float32[2, 5, 16], k: float32[2, 5, 8]) -> (y)
y = lathe.Attention(q, k, k) {heads: 4, kv_heads: 2, scale: 0.25}`,
      'there are fewer key heads than query heads',
    ))
})
