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
      after: `n = Shape(ids) {end: 2, start: 1}
t = Cast(n) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
y = com.microsoft.GroupQueryAttention(q, k, k, _, _, e, t, c, s) {do_rotary: 1, kv_num_heads: 2, num_heads: 4, rotary_interleaved: 0, scale: 0.35}`,
    }))

  it('leaves a rotary embedding of a part of each head to its own operator', () =>
    checkRule(attentionToGroupQueryAttention, {
      before: `${border.replaceAll('[seq, 8]', '[seq, 4]')}
${mask}
qr = lathe.Rotary(q, c, s) {heads: 4}
kr = lathe.Rotary(k, c, s) {heads: 2}
y = lathe.Attention(qr, kr, k, w) {heads: 4, kv_heads: 2, scale: 0.35}`,
      after: `qr = lathe.Rotary(q, c, s) {heads: 4}
kr = lathe.Rotary(k, c, s) {heads: 2}
n = Shape(ids) {end: 2, start: 1}
t = Cast(n) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
y = com.microsoft.GroupQueryAttention(qr, kr, k, _, _, e, t) {kv_num_heads: 2, num_heads: 4, scale: 0.35}`,
    }))

  it('hands in the padding that stands beside causality, with every query written out', () =>
    checkRule(attentionToGroupQueryAttention, {
      before: `(ids: int64[2, 5], q: float32[2, 5, 64], k: float32[2, 5, 32]) -> (y)
asked = Cast(ids) {to: 9}
first = Or(asked, bool[1, 5] {1, 0, 0, 0, 0})
padding = Unsqueeze(first, int64[2] {1, 2})
r = Range(int64 0, int64 5, int64 1)
row = Unsqueeze(r, int64[1] {1})
le = LessOrEqual(r, row)
both = And(le, padding)
w = Where(both, float32 0.0, float32 -10000.0)
y = lathe.Attention(q, k, k, w) {heads: 4, kv_heads: 2, scale: 0.35}`,
      after: `n = Shape(ids) {end: 2, start: 1}
t = Cast(n) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
asked = Cast(ids) {to: 9}
first = Or(asked, bool[1, 5] {1, 0, 0, 0, 0})
padding = Unsqueeze(first, int64[2] {1, 2})
m = Shape(ids) {end: 2, start: 1}
ones = ConstantOfShape(m) {value: float32[1] {1.0}}
column = Unsqueeze(ones, int64[1] {1})
bias = Where(padding, column, float32 -10000.0)
y = com.microsoft.GroupQueryAttention(q, k, k, _, _, e, t, _, _, _, bias) {kv_num_heads: 2, num_heads: 4, scale: 0.35}`,
    }))

  it('hands in a mask that is more than causality and padding as it is', () =>
    checkRule(attentionToGroupQueryAttention, {
      before: `(ids: int64[batch, seq], q: float32[batch, seq, 64], k: float32[batch, seq, 32], near: float32[seq, seq]) -> (y)
${mask.replace('w = Where(le,', 'open = Cast(near) {to: 9}\nboth = And(le, open)\nw = Where(both,')}
y = lathe.Attention(q, k, k, w) {heads: 4, kv_heads: 2, scale: 0.35}`,
      after: `steps = Shape(ids) {end: 2, start: 1}
t = Cast(steps) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
${mask.replace('w = Where(le,', 'open = Cast(near) {to: 9}\nboth = And(le, open)\nw = Where(both,')}
wu = Unsqueeze(w, int64[2] {0, 1})
y = com.microsoft.GroupQueryAttention(q, k, k, _, _, e, t, _, _, _, wu) {kv_num_heads: 2, num_heads: 4, scale: 0.35}`,
    }))

  it('bounds scores, and closes keys with a number', () =>
    checkRule(attentionToGroupQueryAttention, {
      before: `(ids: int64[batch, seq], q: float32[batch, seq, 64], k: float32[batch, seq, 32]) -> (y)
${mask.replace('-10000.0', '-inf')}
y = lathe.Attention(q, k, k, w) {heads: 4, kv_heads: 2, scale: 3.5, safe: 1, softcap: 2.5}`,
      after: `steps = Shape(ids) {end: 2, start: 1}
t = Cast(steps) {to: 6}
l = Sub(t, int32 1)
b = Shape(ids) {end: 1, start: 0}
e = Expand(l, b)
y = com.microsoft.GroupQueryAttention(q, k, k, _, _, e, t) {kv_num_heads: 2, num_heads: 4, scale: 3.5, softcap: 2.5}`,
    }))

  it('leaves a past, of which the kernel takes one sequence at a time', () =>
    checkRejects(
      attentionToGroupQueryAttention,
      `(q: float32[2, 3, 64], k: float32[2, 3, 32], m: float32[3, 8], p: float32[2, 2, 5, 16]) -> (y, key, value)
y, key, value = lathe.Attention(q, k, k, m, p, p) {heads: 4, kv_heads: 2, scale: 0.35}`,
      'one sequence at a time',
    ))

  it('leaves masks that let queries see what comes later', () =>
    checkRejects(
      attentionToGroupQueryAttention,
      `(ids: int64[batch, seq], q: float32[batch, seq, 32], k: float32[batch, seq, 16], m: float32[batch, 1, seq, seq]) -> (y)
y = lathe.Attention(q, k, k, m) {heads: 4, kv_heads: 2, scale: 0.35}`,
      'the mask is not known to be causal',
    ))
})
