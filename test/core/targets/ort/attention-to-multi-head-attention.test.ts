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
      after: `s = Shape(x) {end: 2, start: 1}
t = Concat(int64[2] {1, 1}, s, int64[1] {1}) {axis: 0}
e = Expand(m, t)
y = com.microsoft.MultiHeadAttention(x, x, x, _, _, e) {num_heads: 2, scale: 0.5}`,
    }))

  it('writes out a mask of which it cannot be told whether it broadcasts over queries', () =>
    checkRule(attentionToMultiHeadAttention, {
      before: `(x: float32[batch, seq, 8], m: float32[batch, 1, rows, seq]) -> (y)
y = lathe.Attention(x, x, x, m) {heads: 2, kv_heads: 2, scale: 0.5}`,
      after: `s = Shape(x) {end: 2, start: 1}
t = Concat(int64[2] {1, 1}, s, int64[1] {1}) {axis: 0}
e = Expand(m, t)
y = com.microsoft.MultiHeadAttention(x, x, x, _, _, e) {num_heads: 2, scale: 0.5}`,
      sizes: new Map(Object.entries({ batch: 2, seq: 3, rows: 1 })),
    }))

  it.each([5, 0])('hands in a past of %i and gives out all keys and values', (past) =>
    checkRule(attentionToMultiHeadAttention, {
      before: `(x: float32[batch, seq, 8], m: float32[batch, 1, seq, total], pk: float32[batch, 2, past, 4], pv: float32[batch, 2, past, 4]) -> (y, key, value)
q = Add(x, float32[8])
k = Add(x, float32[8])
y, key, value = lathe.Attention(q, k, x, m, pk, pv) {heads: 2, kv_heads: 2, scale: 0.5}`,
      after: `y, key, value = com.microsoft.MultiHeadAttention(x, x, x, float32[24], _, m, pk, pv) {num_heads: 2, scale: 0.5}`,
      sizes: new Map(Object.entries({ batch: 2, seq: 3, past, total: 3 + past })),
    }),
  )

  it('closes keys with a number where a query may find none open', () =>
    checkRule(attentionToMultiHeadAttention, {
      before: `(x: float32[2, 3, 8]) -> (y)
c = Cast(int64[3, 3] {1, 0, 0, 1, 1, 0, 0, 1, 1}) {to: 9}
w = Where(c, float32 0.0, float32 -inf)
y = lathe.Attention(x, x, x, w) {heads: 2, kv_heads: 2, scale: 0.5, safe: 1}`,
      after: `c = Cast(int64[3, 3] {1, 0, 0, 1, 1, 0, 0, 1, 1}) {to: 9}
w = Where(c, float32 0.0, float32 -3.4028234663852886e38)
u = Unsqueeze(w, int64[2] {0, 1})
y = com.microsoft.MultiHeadAttention(x, x, x, _, _, u) {num_heads: 2, scale: 0.5}`,
    }))

  it('leaves queries without an open key to the standard operator, which gives them zeros', () =>
    checkRejects(
      attentionToMultiHeadAttention,
      `(x: float32[2, 3, 8], m: float32[2, 1, 3, 3]) -> (y)
y = lathe.Attention(x, x, x, m) {heads: 2, kv_heads: 2, scale: 0.5, safe: 1}`,
      'the standard operator gives zeros to queries without an open key',
      'opset 23, com.microsoft 1',
    ))

  it('leaves grouped heads', () =>
    checkRejects(
      attentionToMultiHeadAttention,
      `(q: float32[2, 5, 16], k: float32[2, 5, 8]) -> (y)
y = lathe.Attention(q, k, k) {heads: 4, kv_heads: 2, scale: 0.25}`,
      'there are fewer key heads than query heads',
    ))
})
