import { describe, it } from 'vitest'
import { attentionToGroupQueryAttention } from '../../../../core/targets/ort/attention-to-group-query-attention.ts'
import { checkRejects, checkRule } from '../../../support/check-rule.ts'

const border =
  '(ids: int64[batch, seq], q: float32[batch, seq, 64], k: float32[batch, seq, 32], c: float32[seq, 8], s: float32[seq, 8]) -> (y)'
const mask = `sh = Shape(ids) {start: 1, end: 2}
n = Squeeze(sh)
r = Range(int64 0, n, int64 1)
row = Unsqueeze(r, int64[1] {1})
le = LessOrEqual(r, row)
w = Where(le, float32 0.0, float32 -10000.0)`

describe('attention-to-group-query-attention', () => {
  it('keeps key heads unrepeated and does the rotary embedding itself', () =>
    checkRule(attentionToGroupQueryAttention, {
      before: `${border}
${mask}
qr = lathe.Rotary(q, c, s) {heads: 4}
kr = lathe.Rotary(k, c, s) {heads: 2}
y = lathe.Attention(qr, kr, k, w) {heads: 4, kv_heads: 2, scale: 0.35}`,
      after: `sh2 = Shape(ids) {end: 2, start: 1}
i = Squeeze(sh2)
t = Cast(i) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
${mask}
wu = Unsqueeze(w, int64[2] {0, 1})
y = com.microsoft.GroupQueryAttention(q, k, k, _, _, e, t, c, s, _, wu) {do_rotary: 1, kv_num_heads: 2, num_heads: 4, rotary_interleaved: 0, scale: 0.35}`,
    }))

  it('leaves masks that let queries see what comes later', () =>
    checkRejects(
      attentionToGroupQueryAttention,
      `(ids: int64[batch, seq], q: float32[batch, seq, 32], k: float32[batch, seq, 16], m: float32[batch, 1, seq, seq]) -> (y)
y = lathe.Attention(q, k, k, m) {heads: 4, kv_heads: 2, scale: 0.35}`,
      'the mask is not known to be causal',
    ))
})
